"""One entry of LiteLLM's price map, read as price facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from analytics.pricing.facts import ANY, FACTOR, STANDARD, to_price
from analytics.pricing.map_hours import off_peak_hours
from analytics.pricing.rates import REGIONAL

Entry = Mapping[str, object]

_TOKENS = MappingProxyType(
    {
        "input_cost_per_token": "input",
        "cache_read_input_token_cost": "cache_read",
        "cache_creation_input_token_cost": "cache_write_5m",
        "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
        "input_cost_per_audio_token": "audio_input",
        "input_cost_per_image_token": "image_input",
        "output_cost_per_token": "output",
        "output_cost_per_reasoning_token": "reasoning",
        "output_cost_per_audio_token": "audio_output",
        "output_cost_per_image_token": "image_output",
    }
)
_UNITS = MappingProxyType(
    {
        "input_cost_per_request": "request",
        "input_cost_per_query": "query",
        "input_cost_per_second": "second",
        "output_cost_per_second": "output_second",
        "input_cost_per_character": "character",
        "output_cost_per_character": "output_character",
        "input_cost_per_image": "image",
        "output_cost_per_image": "output_image",
        "input_cost_per_pixel": "pixel",
        "output_cost_per_pixel": "output_pixel",
        "google_maps_grounding_cost_per_query": "map_search",
        "citation_cost_per_token": "citation_token",
        "code_interpreter_cost_per_session": "code_session",
    }
)
_TIERS = MappingProxyType({"batches": "batch"})
_RATE = re.compile(
    rf"^({'|'.join(sorted((*_TOKENS, *_UNITS), key=len, reverse=True))})"
    r"(?:_above_(\d+)(k?)_tokens)?(?:_(batches|flex|priority|balanced|ultrafast))?$"
)
_IMAGE_MODES = frozenset({"image_generation", "image_edit"})
_INCLUSIVE = frozenset({"xai"})
"""Providers whose higher price begins at the threshold itself, not above it."""
_PER_PROMPT = frozenset({"gemini", "vertex_ai"})
"""Providers that charge a searched prompt once unless the entry says per query."""
_HALF_PRICE_CACHE = frozenset({"fireworks_ai"})
"""Providers that bill cached input at half the input price where they publish no other."""


class Rate(NamedTuple):
    """A price fact without its name and dates: USD per million, or a factor."""

    meter: str
    amount: Decimal
    above_tokens: int = 0
    service_tier: str = STANDARD
    region: str = ANY
    hours: str | None = None


_PLAIN = Rate("", Decimal(0))[2:]


def rates_of(provider: str, entry: Entry) -> list[Rate]:
    """Every price an entry states for a provider. Entries without prices give an empty list."""
    found = [*_flat(provider, entry), *_by_length(entry), *_searches(provider, entry)]
    found += [*_factors(entry), *_off_peak(entry)]
    found += _implied(provider, entry, found)
    return _without_echo(_in_units_of(entry.get("mode"), found))


def _flat(provider: str, entry: Entry) -> Iterator[Rate]:
    for key, value in entry.items():
        stated = _RATE.match(key)
        if stated is None or not _is_number(value):
            continue
        name, threshold, thousand, tier = stated.groups()
        above = int(threshold or 0) * (1000 if thousand else 1)
        if above and provider in _INCLUSIVE:
            above -= 1
        meter = _TOKENS.get(name) or _UNITS[name]
        yield Rate(meter, _price(value), above, _TIERS.get(tier, tier) or STANDARD)


def _by_length(entry: Entry) -> Iterator[Rate]:
    """A table of prompt lengths: the whole call is billed at the one row its prompt falls into."""
    table = entry.get("tiered_pricing")
    for row in table if isinstance(table, list) else ():
        if "input_cost_per_token" not in row or len(row.get("range", ())) != 2:  # noqa: PLR2004 (from, to)
            continue
        stated = {_TOKENS[key]: _price(value) for key, value in row.items() if key in _TOKENS}
        stated.setdefault("cache_read", stated["input"])
        stated.setdefault("cache_write_5m", stated["input"])
        stated.setdefault("cache_write_1h", stated["cache_write_5m"])
        if "output" in stated:
            stated.setdefault("reasoning", stated["output"])
        yield from (Rate(meter, price, int(row["range"][0])) for meter, price in stated.items())


def _searches(provider: str, entry: Entry) -> Iterator[Rate]:
    """Searches at the price of the medium context size, which providers use unless asked otherwise."""
    sizes = entry.get("search_context_cost_per_query")
    value = sizes.get("search_context_size_medium") if isinstance(sizes, Mapping) else None
    if _is_number(value):
        once = provider in _PER_PROMPT and entry.get("web_search_billing_unit", "per_prompt") == "per_prompt"
        yield Rate("searched_prompt" if once else "web_search", _price(value))


def _factors(entry: Entry) -> Iterator[Rate]:
    for region in ("eu", "us"):
        uplift = entry.get(f"regional_processing_uplift_multiplier_{region}")
        if _is_number(uplift):
            yield Rate(FACTOR, Decimal(str(uplift)), service_tier=ANY, region=region)
    uplift = entry.get("regional_endpoint_uplift_multiplier")
    if _is_number(uplift):
        yield Rate(FACTOR, Decimal(str(uplift)), service_tier=ANY, region=REGIONAL)
    special = entry.get("provider_specific_entry")
    for name, factor in special.items() if isinstance(special, Mapping) else ():
        if name == "fast" and _is_number(factor):
            yield Rate(FACTOR, Decimal(str(factor)), service_tier="fast")
        elif name == "us" and _is_number(factor):
            yield Rate(FACTOR, Decimal(str(factor)), service_tier=ANY, region=name)


def _off_peak(entry: Entry) -> Iterator[Rate]:
    stated = entry.get("off_peak_pricing")
    hours = off_peak_hours(stated) if isinstance(stated, Mapping) else None
    if hours is None or not isinstance(stated, Mapping):
        return
    for key, value in stated.items():
        if key in _TOKENS and _is_number(value):
            yield Rate(_TOKENS[key], _price(value), hours=hours)


def _implied(provider: str, entry: Entry, stated: list[Rate]) -> Iterator[Rate]:
    """Prices the provider charges without the entry saying so."""
    flat = _standard(stated)
    cached = provider in _HALF_PRICE_CACHE and entry.get("mode") != "embedding"
    if cached and "input" in flat and "cache_read" not in flat:
        yield Rate("cache_read", flat["input"] / 2)
    if not flat.get("output") and "image_output" in flat:
        yield Rate("output", flat["image_output"])
    if "reasoning" in flat:
        own = {rate.service_tier for rate in stated if rate.meter == "reasoning"}
        tiers = (rate for rate in stated if rate.meter == "output" and rate.service_tier not in own)
        yield from (rate._replace(meter="reasoning") for rate in tiers)


def _in_units_of(mode: object, found: list[Rate]) -> list[Rate]:
    """Entries of some modes state what is produced or heard as input, or as output, or as both for one charge."""
    flat = _standard(found)
    if mode in _IMAGE_MODES:
        renamed = {"image": "output_image"} if not flat.get("output_image") else {}
        renamed |= {"pixel": "output_pixel"} if not flat.get("output_pixel") else {}
    elif mode == "audio_transcription":
        renamed = {"output_second": "second"} if flat.get("output_second") else {}
        found = [rate for rate in found if rate.meter != "output_second" or renamed]
    else:
        return found
    dropped = {target for source, target in renamed.items() if source in flat}
    kept = [rate for rate in found if rate.meter not in dropped]
    return [rate._replace(meter=renamed.get(rate.meter, rate.meter)) for rate in kept]


def _without_echo(found: list[Rate]) -> list[Rate]:
    """One rate per key, without reasoning at the price of output: what output does, reasoning then does too."""
    last = list({rate[:1] + rate[2:]: rate for rate in found}.values())
    flat = _standard(last)
    if flat.get("reasoning") != flat.get("output"):
        return last
    return [rate for rate in last if rate.meter != "reasoning" or rate.above_tokens]


def _standard(found: list[Rate]) -> dict[str, Decimal]:
    return {rate.meter: rate.amount for rate in found if rate[2:] == _PLAIN}


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _price(value: object) -> Decimal:
    return to_price(Decimal(str(value)))
