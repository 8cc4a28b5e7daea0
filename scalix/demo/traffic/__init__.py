"""Traffic: a process that calls models through LiteLLM's Router over HTTP, as an application would."""
