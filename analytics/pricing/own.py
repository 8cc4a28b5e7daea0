"""Own prices: on the spool as events, so that segments rebuild the book, and in the book as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.book import FACT_SCHEMA
from analytics.pricing.facts import PRICE_DIGITS
from analytics.pricing.matching import model_name, provider_name
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalix.events import PriceEvent


def own_facts(events: Sequence[PriceEvent]) -> pl.DataFrame:
    """The events as facts, a frame of ``FACT_SCHEMA``."""
    return pl.DataFrame([_row(event) for event in events], schema=FACT_SCHEMA, orient="row")


def _row(event: PriceEvent) -> tuple[object, ...]:
    provider = provider_name(event.provider)
    return (
        provider,
        model_name(provider, event.model),
        event.meter,
        event.above_tokens,
        event.service_tier,
        event.region,
        None,
        None if event.amount is None else event.amount.quantize(PRICE_DIGITS),
        from_us(event.valid_from_us),
        None if event.valid_to_us is None else from_us(event.valid_to_us),
        from_us(event.at_us),
        "own",
        event.source or "",
    )
