"""Records every LiteLLM call: hook → event → one line on the spool. Runs in other people's processes."""
