"""Scalix Pro for LiteLLM: ``register()`` in an application; in the Proxy's configuration ``custom_provider_map:
[{provider: scalix-pro, custom_handler: scalix.scalix_pro.provider}]``. The proxy may execute this file a second time.
"""

from scalix.providers_setup import register_scalix_pro, scalix_pro_provider

provider = scalix_pro_provider()
register = register_scalix_pro

__all__ = ["provider", "register"]
