"""Real LiteLLM Routers in processes of their own, against a provider on loopback."""

from __future__ import annotations

from tests.collector.conftest import provider

__all__ = ["provider"]
