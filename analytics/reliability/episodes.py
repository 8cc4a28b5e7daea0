"""Episodes: from when to when a deployment was down or degraded, found in the minute rollup.

A minute is bad where ``DEGRADED`` of its window (``analytics.reliability.windows``) are errors. An episode begins with
an error and ends with the last error before a minute that is judged good.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from analytics.reading import Readable, ledger_here
from analytics.reliability.windows import LONGEST, SECOND, judged, placed
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters

MINUTE = timedelta(minutes=1)
DEGRADED = 0.10
OUTAGE = 0.50


@dataclass(frozen=True)
class Episode:
    """One stretch of trouble. ``ended_at`` is the end of its last bad minute."""

    provider: str | None
    deployment: str | None
    """None: the provider's deployments together."""
    kind: str
    """``outage`` when half of a window's attempts failed, else ``degradation``."""
    started_at: datetime
    detected_at: datetime
    """The end of the first minute that could be judged bad."""
    ended_at: datetime
    attempts: int
    provider_errors: int
    depth: float
    """The highest error rate of a window."""
    cause: str
    """The most frequent kind of error."""

    @property
    def lasted(self) -> timedelta:
        """Its length, from the first error to the last."""
        return self.ended_at - self.started_at


def episodes(filters: Filters, ledger: Readable | None = None) -> list[Episode]:
    """The episodes of a span, the latest first. Filters by team, user and tag do not apply. Raises StoreError."""
    return episodes_in((ledger or ledger_here()).read(*asked_minutes(filters)))


def asked_minutes(filters: Filters) -> tuple[str, dict[str, object]]:
    """The query for the minutes that episodes are found in, and its parameters."""
    sql = sqlfiles.text("reliability/minutes")
    return sql, {name: value for name, value in filters.parameters().items() if f"${name}" in sql}


def as_frame(found: list[Episode]) -> pl.DataFrame:
    """Episodes as rows, a column for each field."""
    return pl.DataFrame([asdict(one) for one in found])


def episodes_in(rows: pl.DataFrame) -> list[Episode]:
    """The episodes in minutes as ``sql/reliability/minutes`` gives them, in any order; the latest first."""
    line = placed(rows)
    found = _found(judged(line))
    first, seen, last = (rows[found[name]] for name in ("first_row", "seen_row", "last_row"))
    told = found.select(
        first["provider"],
        pl.when(pl.col("together").not_()).then(first["deployment"]).alias("deployment"),
        pl.when(pl.col("depth") >= OUTAGE).then(pl.lit("outage")).otherwise(pl.lit("degradation")).alias("kind"),
        first["bucket_at"].alias("started_at"),
        (seen["bucket_at"] + MINUTE).alias("detected_at"),
        (last["bucket_at"] + MINUTE).alias("ended_at"),
        *("attempts", "provider_errors", "depth"),
        _causes(rows["errors"], line["row"], found).alias("cause"),
    )
    order = ["started_at", "provider", "deployment"]
    latest = told.sort(order, descending=[True, False, False], nulls_last=True, maintain_order=True)
    return [Episode(**one) for one in latest.iter_rows(named=True)]


def _found(minutes: pl.DataFrame) -> pl.DataFrame:
    """One row for each episode, with the rows of its first, first bad and last minute, and its part of the line."""
    bad = _bad(minutes).group_by("episode", maintain_order=True)
    spans = bad.agg(
        pl.col("begins").first(), pl.col("place").last(), pl.col("row").first(), pl.col("rate").max().alias("depth")
    )
    first, last = minutes[spans["begins"]], minutes[spans["place"]]
    return spans.select(
        first["together"],
        first["row"].alias("first_row"),
        pl.col("row").alias("seen_row"),
        last["row"].alias("last_row"),
        first["begin"],
        last["end"],
        (last["ended_to"] - first["ended_before"]).alias("attempts"),
        (last["errors_to"] - first["errors_before"]).alias("provider_errors"),
        "depth",
    )


def _bad(minutes: pl.DataFrame) -> pl.DataFrame:
    """The bad minutes that have errors, each with its episode, and with where one begins of which it is the first.

    Errors in a row before that belong to it, as far as an hour back.
    """
    has_errors = pl.col("errors_to") > pl.col("errors_before")
    errors_from = pl.when(has_errors).then(0).otherwise(pl.col("place") + 1).cum_max()
    parted = (pl.col("moment").diff() > LONGEST // SECOND) | (pl.col("good_so_far").diff() != 0)
    return (
        minutes.with_row_index("place")
        .with_columns(
            (pl.col("rate") < DEGRADED).fill_null(value=False).cum_sum().cast(pl.Int64).alias("good_so_far"),
            pl.max_horizontal("hour_from", errors_from).alias("begins"),
        )
        .filter(pl.col("rate") >= DEGRADED, has_errors)
        .with_columns(parted.fill_null(value=False).cum_sum().alias("episode"))
    )


def _causes(errors: pl.Series, row: pl.Series, found: pl.DataFrame) -> pl.Series:
    """The most frequent kind of error in each episode, by name where several are."""
    places = found.select(pl.int_ranges("begin", "end").alias("place")).with_row_index("episode").explode("place")
    counts = (
        places.select("episode", errors.gather(row.gather(places["place"])).alias("error"))
        .explode("error")
        .drop_nulls()
        .unnest("error")
        .group_by("episode", "kind")
        .agg(pl.col("count").sum())
    )
    most = counts.sort(["count", "kind"], descending=[True, False]).unique("episode", keep="first", maintain_order=True)
    known = found.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("episode")).join(
        most, on="episode", how="left", maintain_order="left"
    )
    return known["kind"].fill_null("unknown")
