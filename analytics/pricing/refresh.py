"""Keeps the book in step with the price map of the installed LiteLLM: only what changed is added."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing import shelf
from analytics.pricing.book import FACT_SCHEMA, KEY_COLUMNS, of_map
from analytics.pricing.litellm_map import installed_file, read_map, source_of
from scalix.store import sqlfiles
from scalix.times import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.pricing.litellm_map import PriceMap
    from scalix.store.ledger import Ledger

_log = logging.getLogger(__name__)


def refresh(ledger: Ledger, now: datetime) -> int:
    """Add what the installed LiteLLM's map says and the book does not. Returns how many facts that were.

    Without LiteLLM nothing happens. Raises PriceMapError or StoreError.
    """
    path = installed_file()
    if path is None:
        _log.info("LiteLLM is not installed here: the price book holds only own prices (`scalix prices set`)")
        return 0
    if ledger.read(sqlfiles.text("prices/map_source")).rows() == [(source_of(path),)]:
        return 0
    with ledger.transaction() as cursor:
        facts = changes(shelf.current(cursor).frame, read_map(path), now)
        shelf.add(cursor, facts)
    return facts.height


def changes(known: pl.DataFrame, prices: PriceMap, now: datetime) -> pl.DataFrame:
    """The facts that bring the book up to a map.

    A price the book did not have holds for all time, since the map does not say when it began. A price that differs,
    or is gone, does so from now on: what was booked before stays explained by what was in force.
    """
    mapped = of_map(prices, now, EPOCH)
    before = _latest(known.filter(pl.col("origin") == "litellm"))
    joined = mapped.join(before, on=KEY_COLUMNS, how="left", nulls_equal=True, suffix="_before")
    added = joined.filter(pl.col("seen").is_null())
    changed = joined.filter(pl.col("seen"), pl.col("amount").ne_missing(pl.col("amount_before")))
    gone = before.filter(pl.col("amount").is_not_null()).join(mapped, on=KEY_COLUMNS, how="anti", nulls_equal=True)
    withdrawn = gone.select(
        *KEY_COLUMNS,
        pl.lit(None, pl.Decimal(30, 12)).alias("amount"),
        pl.lit(now).alias("valid_from"),
        pl.lit(None, pl.Datetime("us", "UTC")).alias("valid_to"),
        pl.lit(now).alias("known_from"),
        pl.lit("litellm").alias("origin"),
        pl.lit(prices.source).alias("source"),
    )
    parts = [added, changed.with_columns(valid_from=pl.lit(now)), withdrawn]
    return pl.concat(part.select(FACT_SCHEMA.names()).cast(FACT_SCHEMA) for part in parts)


def _latest(facts: pl.DataFrame) -> pl.DataFrame:
    ordered = facts.sort("known_from", maintain_order=True)
    return ordered.unique(KEY_COLUMNS, keep="last", maintain_order=True).select(
        *KEY_COLUMNS, "amount", pl.lit(value=True).alias("seen")
    )
