"""The gateway's own HTTP routes, with LiteLLM's names and shapes. LiteLLM's, which would ask a database, are shut."""
