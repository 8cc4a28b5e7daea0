"""The read side of the Reliability page, out of the rollups and, where a span cuts a bucket in two, of attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from analytics.reading import Readable, ledger_here
from analytics.rollups.spans import cuts_of, grain_of
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from analytics.filters import Filters

By = Literal["provider", "model", "model_group", "deployment"]


def over_time(filters: Filters, by: By, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per stretch of ``filters.bucket`` and name that has attempts.

    Columns: at (UTC), name, attempts, ended, provider_errors, error_rate (None when nothing ended), latency_p50_us and
    latency_p95_us of successes, ttft_p95_us of streams, within 1 %. Filters by team, user and tag do not apply.
    """
    frame = _read("over_time", filters, by, ledger)
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
    frame = _read("by_name", filters, by, ledger)
    ended = pl.col("succeeded") + pl.col("failed")
    return frame.with_columns(
        pl.when(ended > 0).then(pl.col("succeeded") / ended).alias("success_rate"),
        pl.when(ended > 0).then(pl.col("provider_errors") / ended).alias("error_rate"),
    )


def error_kinds(filters: Filters, by: By, ledger: Readable | None = None) -> pl.DataFrame:
    """Failed attempts by name and kind of error, the most frequent first.

    Columns: name, kind, ours (the request's own fault, or our refusal: not the provider's), errors.
    """
    return _read("error_kinds", filters, by, ledger)


def by_hour(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """Provider by hour of the day (0 to 23, UTC), over all days of the span: provider, hour, ended, provider_errors."""
    frame = _read("by_hour", filters, "provider", ledger)
    return frame.with_columns((pl.col("provider_errors") / pl.col("ended")).alias("error_rate"))


def readable(query: str, filters: Filters, by: By) -> str:
    """One of these questions, by the name of its file, with its values written into it."""
    return with_values(*_asked(query, filters, by, None))


def _read(query: str, filters: Filters, by: By, ledger: Readable | None) -> pl.DataFrame:
    sql, parameters = _asked(query, filters, by, ledger)
    return (ledger or ledger_here()).read(sql, parameters)


def _asked(query: str, filters: Filters, by: By, ledger: Readable | None) -> tuple[str, dict[str, object]]:
    sql = sqlfiles.text(f"reliability/{query}")
    coarsest = {"over_time": grain_of(filters), "by_hour": "hour"}.get(query, "day")
    parameters = {**filters.parameters(), **cuts_of(filters, coarsest, ledger), "by": by}
    return sql, {name: one for name, one in parameters.items() if f"${name}" in sql}
