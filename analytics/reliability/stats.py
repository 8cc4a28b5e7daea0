"""The read side of the Reliability page, out of the rollups: any span, whatever it holds, takes about the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from analytics.reading import Readable, ledger_here
from analytics.rollups.declared import RELIABILITY
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from analytics.filters import Filters

By = Literal["provider", "model", "model_group", "deployment"]


def over_time(filters: Filters, by: By, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per stretch of ``filters.bucket`` and name that has attempts.

    Columns: at (UTC), name, attempts, ended, provider_errors, error_rate (None when nothing ended), latency_p50_us and
    latency_p95_us of successes, within 1 %. Filters by team, user and tag do not apply.
    """
    frame = _asked("reliability/over_time", filters, by, ledger)
    return frame.select(
        pl.from_epoch("at_us", time_unit="us").dt.replace_time_zone("UTC").alias("at"),
        pl.exclude("at_us"),
        pl.when(pl.col("ended") > 0).then(pl.col("provider_errors") / pl.col("ended")).alias("error_rate"),
    )


def by_name(filters: Filters, by: By, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per name over the whole span, the busiest first.

    Columns: name, attempts, succeeded, failed, provider_errors, given_up, cost_usd, wasted_usd (known cost of attempts
    that were no success), priced_share (attempts of known cost among those with usage or cost), latency_p50_us,
    latency_p95_us, ttft_p95_us, tokens_per_s (median), success_rate, error_rate.
    """
    frame = _asked("reliability/by_name", filters, by, ledger)
    ended = pl.col("succeeded") + pl.col("failed")
    return frame.with_columns(
        pl.when(ended > 0).then(pl.col("succeeded") / ended).alias("success_rate"),
        pl.when(ended > 0).then(pl.col("provider_errors") / ended).alias("error_rate"),
    )


def error_kinds(filters: Filters, by: By, ledger: Readable | None = None) -> pl.DataFrame:
    """Failed attempts by name and kind of error: name, kind, errors; the most frequent first."""
    return _asked("reliability/error_kinds", filters, by, ledger)


def edges(filters: Filters, rows: int = 50, ledger: Readable | None = None) -> pl.DataFrame:
    """Where requests moved on to after a failure, the most frequent first.

    Columns: moved_from, moved_to, moves, reason (the most frequent kind of error), added_us (from the failed attempts'
    start to the next ones'), served (moves whose next attempt succeeded), wasted_usd (known cost of the failed ones).
    """
    return _read("reliability/edges", {**filters.parameters(), "rows": rows}, ledger)


def _asked(query: str, filters: Filters, by: By, ledger: Readable | None) -> pl.DataFrame:
    return _read(query, {**filters.parameters(), "start": filters.first_bucket, "by": by}, ledger, _grain(filters))


def _grain(filters: Filters) -> str:
    """The coarsest grain that the span's stretches consist of."""
    day, hour = filters.bucket % timedelta(days=1), filters.bucket % timedelta(hours=1)
    return "minute" if hour else "hour" if day else "day"


def _read(query: str, parameters: dict[str, object], ledger: Readable | None, grain: str = "minute") -> pl.DataFrame:
    sql = sqlfiles.text(query).replace("{table}", RELIABILITY.table(grain))
    return (ledger or ledger_here()).read(sql, {name: one for name, one in parameters.items() if f"${name}" in sql})
