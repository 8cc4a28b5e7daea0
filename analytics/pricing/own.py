"""Own prices: on the spool as events, so that segments rebuild the book, and in the book as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.book import FACT_SCHEMA
from analytics.pricing.facts import PRICE_DIGITS
from analytics.pricing.matching import model_name, provider_name
from collector import process
from collector.segment import create
from scalix.errors import SpoolError
from scalix.events import PriceEvent, to_line
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def put_on_spool(spool: Path, events: Sequence[PriceEvent]) -> None:
    """Write prices into a segment of their own, for the hub to take in. Raises SpoolError."""
    header = process.describe(process.new_process_id())
    try:
        segment = create(spool, f"{process.host()}-{process.boot_id()[:8]}", to_line(header))
        try:
            segment.append(b"".join(map(to_line, events)))
        finally:
            segment.close()
    except OSError as error:
        raise SpoolError(f"the prices cannot be written to {spool}: {error}") from error


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
