"""Signs of tier, region and searches in what an attempt recorded: its usage object, cost breakdown and address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analytics.pricing.facts import STANDARD
from analytics.pricing.rates import GLOBAL

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_TIER = r'"service_tier":\s*"([a-z_]+)"'
FAST = r'"speed":\s*"(fast)"'
INFERENCE_GEO = r'"inference_geo":\s*"([a-z_-]+)"'
SEARCHES = r'"web_search_requests":\s*(\d{1,6})'
OPENAI_REGION = r"//(eu|us)\.api\.openai\.com"
VERTEX_REGION = r"//([a-z0-9-]+)-aiplatform\.googleapis\.com"

TIERS: Mapping[str, str] = {
    "default": STANDARD,
    "auto": STANDARD,
    "on_demand": STANDARD,
    "standard_only": STANDARD,
    "fast": "priority",
    "batches": "batch",
}
"""Tiers by other names. Anthropic's fast mode is no tier; its sign is ``FAST``."""
NOWHERE: Mapping[str, str] = {"not_available": GLOBAL}


def service_tier(usage: str | None, breakdown: str | None) -> str:
    """The tier a call was billed at."""
    if _first(FAST, usage):
        return "fast"
    stated = _first(SERVICE_TIER, breakdown) or _first(SERVICE_TIER, usage) or STANDARD
    return TIERS.get(stated, stated)


def region(usage: str | None, address: str | None) -> str:
    """Where a call was served, as far as prices depend on it."""
    stated = _first(INFERENCE_GEO, usage) or _first(OPENAI_REGION, address) or _first(VERTEX_REGION, address)
    return NOWHERE.get(stated, stated) if stated else GLOBAL


def searches(usage: str | None) -> int | None:
    """How many web searches the provider reports; None when it says nothing."""
    found = _first(SEARCHES, usage)
    return None if found is None else int(found)


def _first(pattern: str, text: str | None) -> str | None:
    found = re.search(pattern, text) if text else None
    return found[1] if found else None
