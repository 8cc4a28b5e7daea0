"""The name for LiteLLM Proxy's configuration: ``litellm_settings: {callbacks: [scalix.routing_callback.routing]}``.

The proxy may execute this file a second time; the hooks exist once per process. The proxy registers what it finds.
"""

from scalix.routing_setup import routing_hooks

routing = routing_hooks()
