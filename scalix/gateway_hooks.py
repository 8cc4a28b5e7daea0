"""The names for LiteLLM Proxy's configuration: ``custom_auth: scalix.gateway_hooks.authenticate`` and ``callbacks:
[scalix.gateway_hooks.gateway]``. The proxy may execute this file a second time; what it names exists once per process.
"""

from scalix.gateway.proxy import authenticate, gateway_callback

gateway = gateway_callback()

__all__ = ["authenticate", "gateway"]
