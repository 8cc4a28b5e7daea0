"""The provider catalogue: who can be called, under which of LiteLLM's names, with what key, and for which models."""
