"""The arithmetic of a rollup: rows into buckets, and buckets into wider ones. Frames in, frames out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars import selectors as cs

from analytics.rollups.bins import added_up
from analytics.rollups.declared import GRAINS, Rollup, binned

if TYPE_CHECKING:
    from collections.abc import Iterable

BUCKET = "bucket_us"
_MONEY = pl.Decimal(38, 12)


def from_rows(rollup: Rollup, source: pl.DataFrame) -> pl.DataFrame:
    """The buckets of the finest grain out of the rows of its source."""
    money = cs.decimal().cast(_MONEY)
    placed = source.with_columns(_bucket(pl.col("started_us"), rollup.grains[0]), money)
    keys = [BUCKET, *rollup.keys]
    sums = [value.sum().cast(pl.Int64).alias(name) for name, value in rollup.counts.items()]
    amounts = [_known_sum(value).alias(name) for name, value in rollup.amounts.items()]
    rows = placed.group_by(keys).agg(*sums, *amounts)
    counted = (
        (name, item, placed.select(*keys, value.alias(item), pl.lit(1, pl.Int64).alias("count")))
        for name, item, value in binned(rollup)
    )
    return _with_lists(rows, keys, counted)


def from_buckets(rollup: Rollup, buckets: pl.DataFrame, grain: str) -> pl.DataFrame:
    """The buckets of a grain out of those of the grain before it."""
    placed = buckets.with_columns(_bucket(pl.col(BUCKET), grain))
    keys = [BUCKET, *rollup.keys]
    sums = [pl.col(name).sum() for name in rollup.counts]
    amounts = [_known_sum(pl.col(name)).alias(name) for name in rollup.amounts]
    rows = placed.group_by(keys).agg(*sums, *amounts)
    counted = ((name, item, _unpacked(placed, keys, name)) for name, item, _ in binned(rollup))
    return _with_lists(rows, keys, counted)


def widened(buckets: pl.DataFrame, grain: str) -> pl.DataFrame:
    """The buckets of a grain in which these lie, each with the keys it comes with."""
    return buckets.with_columns(_bucket(pl.col(BUCKET), grain)).unique()


def _bucket(moment_us: pl.Expr, grain: str) -> pl.Expr:
    width = GRAINS[grain]
    return (moment_us // width * width).alias(BUCKET)


def _known_sum(value: pl.Expr) -> pl.Expr:
    return pl.when(value.count() > 0).then(value.sum())


def _unpacked(buckets: pl.DataFrame, keys: list[str], column: str) -> pl.DataFrame:
    items = buckets.select(*keys, pl.col(column)).filter(pl.col(column).list.len() > 0)
    return items.explode(column).unnest(column)


def _with_lists(rows: pl.DataFrame, keys: list[str], counted: Iterable[tuple[str, str, pl.DataFrame]]) -> pl.DataFrame:
    for name, item, items in counted:
        lists = added_up(items, keys, name, item)
        rows = rows.join(lists, on=keys, how="left", nulls_equal=True)
    return rows.sort(keys)
