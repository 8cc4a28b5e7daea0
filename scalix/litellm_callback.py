"""The name for LiteLLM Proxy's configuration: ``litellm_settings: {callbacks: scalix.litellm_callback.collector}``.

The proxy may execute this file a second time outside ``sys.modules``; the collector itself exists once per process
whatever happens here. The proxy registers what it finds, so nothing is registered on import.
"""

from scalix.installing import install_collector

collector = install_collector(strict=False, stream_usage=True, client_retries=False, register=False).callback
