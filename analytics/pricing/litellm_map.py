"""The price map the installed LiteLLM ships, read from its file; LiteLLM itself is never imported."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.pricing.facts import PriceKey
from analytics.pricing.map_entry import Entry, rates_of
from analytics.pricing.matching import model_name, provider_name
from scalix.errors import ScalixError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "model_prices_and_context_window_backup.json"
_EXAMPLE = "sample_spec"


class PriceMapError(ScalixError):
    """LiteLLM's price map cannot be read."""


@dataclass(frozen=True, slots=True)
class PriceMap:
    """Prices by key, in USD per million or as factors, and the text that names where they come from."""

    prices: Mapping[PriceKey, Decimal]
    source: str


def installed_map() -> PriceMap | None:
    """The map of the LiteLLM that is installed here, or None when there is none."""
    path = installed_file()
    return read_map(path) if path else None


def installed_file() -> Path | None:
    """The map's file. Finding a package does not import it."""
    found = importlib.util.find_spec("litellm")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / _FILE
    return path if path.is_file() else None


def source_of(path: Path) -> str:
    """The text that names a map file, by LiteLLM's version and the file's content."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return f"litellm {_litellm_version()} sha256 {digest}"


@lru_cache(maxsize=2)
def read_map(path: Path) -> PriceMap:
    """Read a map file. Amounts are taken digit for digit from the text, never through a float.

    Raises PriceMapError for a file that is no price map.
    """
    try:
        entries = json.loads(path.read_bytes(), parse_float=Decimal)
    except ValueError as error:
        raise PriceMapError(f"{path} is no price map: {error}; install LiteLLM anew") from error
    return PriceMap(MappingProxyType(_prices(entries)), source_of(path))


def _prices(entries: Mapping[str, Entry]) -> dict[PriceKey, Decimal]:
    return {
        PriceKey(provider, model, rate.meter, *rate[2:]): rate.amount
        for (provider, model), entry in _chosen(entries).items()
        for rate in rates_of(provider, entry)
    }


def _chosen(entries: Mapping[str, Entry]) -> dict[tuple[str, str], Entry]:
    """One entry per model. Listed with and without its provider's prefix, the prefixed one prices it."""
    chosen: dict[tuple[str, str], Entry] = {}
    for name, entry in entries.items():
        provider = _provider(entry)
        key = provider, model_name(provider, name)
        if name != _EXAMPLE and (key not in chosen or name.startswith(f"{provider}/")):
            chosen[key] = entry
    return chosen


def _provider(entry: Entry) -> str:
    return provider_name(str(entry.get("litellm_provider") or ""))


def _litellm_version() -> str:
    try:
        return version("litellm")
    except PackageNotFoundError:
        return "of unknown version"
