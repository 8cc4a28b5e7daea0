"""The demo: fake providers, traffic through real LiteLLM, a month of history, and a comparison."""
