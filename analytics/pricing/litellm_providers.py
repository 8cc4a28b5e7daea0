"""The providers that the installed LiteLLM knows, read from its files; LiteLLM itself is never imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analytics.pricing.litellm_map import installed_file

if TYPE_CHECKING:
    from pathlib import Path

_ENDPOINTS = "provider_endpoints_support_backup.json"


def installed_providers() -> frozenset[str]:
    """Their names, as models begin with them; none where LiteLLM is not installed."""
    path = installed_file()
    if path is None:
        return frozenset()
    priced = {entry.get("litellm_provider") for entry in _read(path).values()}
    return frozenset(filter(None, priced | _read(path.with_name(_ENDPOINTS)).get("providers", {}).keys()))


def _read(path: Path) -> dict[str, Any]:
    """A file that this release of LiteLLM lacks names nobody."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found
