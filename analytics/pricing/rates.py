"""Which price each meter has for one call: by context length, service tier, region and hour."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.pricing.facts import ANY, FACTOR, STANDARD, InForce, PriceFact, PriceKey
from analytics.pricing.hours import is_open
from analytics.pricing.meters import CHARGED_LIKE, METERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FACTOR_DIGITS = Decimal("1e-6")
GLOBAL = "global"
REGIONAL = "regional"
"""The region of a fact that holds everywhere except at a provider's global endpoint."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a price depends on besides quantities. ``moment`` must be aware, in UTC."""

    moment: datetime
    prompt_tokens: int
    service_tier: str = STANDARD
    region: str = GLOBAL


@dataclass(frozen=True, slots=True)
class Rates:
    """The fact that prices each meter; a meter that is missing has no price. ``factor`` multiplies every amount."""

    facts: Mapping[str, PriceFact]
    factor: Decimal
    factors: tuple[PriceFact, ...]


def rates(facts: InForce, now: Circumstances) -> Rates:
    """The rates of one model under given circumstances. ``facts`` are that model's, in force."""
    applying = [fact for key, fact in facts.items() if _applies(key, now)]
    best: dict[str, PriceFact] = {}
    for fact in applying:
        rival = best.get(fact.key.meter)
        if fact.key.meter != FACTOR and (rival is None or _rank(fact.key) > _rank(rival.key)):
            best[fact.key.meter] = fact
    factors = tuple(sorted((f for f in applying if f.key.meter == FACTOR), key=lambda fact: fact.key[:6]))
    return Rates(_with_stand_ins(best), _product(factors), factors)


def _applies(key: PriceKey, now: Circumstances) -> bool:
    tier = key.service_tier in (now.service_tier, ANY) or (key.service_tier == STANDARD and key.meter != FACTOR)
    place = key.region in (ANY, now.region) or (key.region == REGIONAL and now.region != GLOBAL)
    hour = key.hours is None or is_open(key.hours, now.moment)
    long_enough = now.prompt_tokens > key.above_tokens or key.above_tokens == 0
    return tier and place and hour and long_enough


def _rank(key: PriceKey) -> tuple[bool, int, bool, int, bool, bool]:
    """Of several prices of one meter: the most specific name, an open window, the longest context, tier, region."""
    return (
        ANY not in key.model,
        len(key.model),
        key.hours is not None,
        key.above_tokens,
        key.service_tier != STANDARD,
        key.region != ANY,
    )


def _with_stand_ins(best: dict[str, PriceFact]) -> dict[str, PriceFact]:
    resolved: dict[str, PriceFact] = {}
    for meter in METERS:
        source: str | None = meter
        while source is not None and source not in best:
            source = CHARGED_LIKE.get(source)
        if source is not None:
            resolved[meter] = best[source]
    return resolved


def _product(factors: tuple[PriceFact, ...]) -> Decimal:
    product = Decimal(1)
    for fact in factors:
        product *= fact.amount if fact.amount is not None else 1
    return product.quantize(FACTOR_DIGITS)
