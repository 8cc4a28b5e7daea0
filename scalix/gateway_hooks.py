"""The names for LiteLLM Proxy's configuration: ``custom_auth: scalix.gateway_hooks.authenticate`` and ``callbacks:
[scalix.gateway_hooks.gateway]``. The proxy may execute this file a second time; what it names exists once per process.
"""

from scalix.gateway.proxy import authenticate, gateway

__all__ = ["authenticate", "gateway"]
