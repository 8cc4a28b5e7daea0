"""The provider that gateways of these tests call."""

from __future__ import annotations

from tests.collector.conftest import provider

__all__ = ["provider"]
