"""The gateway: LiteLLM Proxy with keys, budgets before the call, routing and recording, and no Postgres."""
