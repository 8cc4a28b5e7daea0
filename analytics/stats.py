"""The read side for pages: what a period cost, used and took, and how it ended. All SQL is in ``sql/pages``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.filters import FACETS, Filters
from analytics.reading import Readable, answer, lag_bytes
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

SERIES = 8
"""Providers drawn by name; all further ones are drawn together."""
_SUSPECTS = 500
_FAILOVERS = 20
_MODELS = 10


@dataclass(frozen=True)
class Tokens:
    """Tokens by class. The classes are disjoint; None is unknown."""

    input_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    audio_input_tokens: int | None = None
    image_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_output_tokens: int | None = None

    @property
    def total(self) -> int | None:
        """All classes together; None when none is known."""
        known = [count for count in (getattr(self, field.name) for field in fields(self)) if count is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Totals:
    """One period in figures. Rates are between 0 and 1 and None when there is nothing to divide by."""

    spent_usd: Decimal | None = None
    """What is known to have been spent; None when no attempt has a known cost."""
    with_tokens: int = 0
    """Attempts that used tokens and so must have cost something."""
    unpriced: int = 0
    """Those of them whose cost is unknown."""
    tokens: Tokens = Tokens()
    attempts: int = 0
    """Handed to a provider."""
    succeeded: int = 0
    failed: int = 0
    provider_errors: int = 0
    """Failed attempts except those in which the request itself was at fault."""
    latency_p95_us: float | None = None
    """Of successful attempts."""
    ttft_p50_us: float | None = None
    ttft_p95_us: float | None = None
    served: int = 0
    """Requests that ended in a success, whatever came before it."""
    unserved: int = 0
    """Requests whose last attempt the provider failed."""
    unfinished: int = 0
    """Requests that their caller gave up, those that we refused, and those that no provider could have served."""
    failed_over: int = 0
    """Served requests in which an attempt failed before."""
    failover_us: int = 0
    """Time spent in those failed attempts."""

    @property
    def calls(self) -> int:
        """Requests, however many attempts each took."""
        return self.served + self.unserved + self.unfinished

    @property
    def request_success_rate(self) -> float | None:
        """Served requests among those that were served or that providers failed."""
        return _share(self.served, self.served + self.unserved)

    @property
    def attempt_success_rate(self) -> float | None:
        """Successful attempts among those that succeeded or failed."""
        return _share(self.succeeded, self.succeeded + self.failed)

    @property
    def error_rate(self) -> float | None:
        """Attempts that failed at the provider among those that succeeded or failed."""
        return _share(self.provider_errors, self.succeeded + self.failed)

    @property
    def unpriced_share(self) -> float | None:
        """Attempts of unknown cost among those that used tokens."""
        return _share(self.unpriced, self.with_tokens)


@dataclass(frozen=True)
class Freshness:
    """How far behind the ledger is."""

    newest_attempt_at: datetime | None
    last_read_at: datetime | None
    """When a segment last had something new."""
    lag_bytes: int | None
    """Spool not read yet; None when nobody measures it."""


def totals(filters: Filters, ledger: Readable | None = None) -> tuple[Totals, Totals]:
    """The figures of the period, and of the equal period before it."""
    parameters = filters.parameters()
    attempts = _by_period(answer("attempt_totals", parameters, ledger))
    requests = _by_period(answer("request_totals", parameters, ledger))
    return (
        _totals(attempts.get(True, {}), requests.get(True, {})),
        _totals(attempts.get(False, {}), requests.get(False, {})),
    )


def providers_over_time(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per stretch of ``filters.bucket`` and provider that has attempts.

    Columns: at (start of the stretch, UTC), provider (None: all beyond the first ``SERIES``, and unnamed ones),
    spent_usd, unpriced, attempts, ended, provider_errors, error_rate (None when nothing ended).
    """
    frame = answer("providers_over_time", _bound(filters), ledger)
    return frame.select(
        pl.from_epoch("bucket_us", time_unit="us").dt.replace_time_zone("UTC").alias("at"),
        pl.exclude("bucket_us"),
        pl.when(pl.col("ended") > 0).then(pl.col("provider_errors") / pl.col("ended")).alias("error_rate"),
    )


def latest_failovers(filters: Filters, rows: int = _FAILOVERS, ledger: Readable | None = None) -> pl.DataFrame:
    """The latest requests that moved from one deployment to another, newest first.

    Columns: happened_at, model_group, moved_from, moved_to, reason (kind of the first error), attempts,
    added_us (from the first attempt's start to the last one's), outcome (how the last attempt ended).
    """
    return answer("latest_failovers", {**_bound(filters), "rows": rows}, ledger)


def top_models(filters: Filters, rows: int = _MODELS, ledger: Readable | None = None) -> pl.DataFrame:
    """The models that cost the most: provider, model, spent_usd, with_tokens, unpriced, attempts, tokens."""
    return answer("top_models", {**filters.parameters(), "rows": rows}, ledger)


def readable(query: str, filters: Filters) -> str:
    """What answers `providers_over_time`, `latest_failovers` or `top_models`, with its values written into it."""
    rows = {"latest_failovers": _FAILOVERS, "top_models": _MODELS}.get(query)
    return with_values(sqlfiles.text(f"pages/{query}"), {**_bound(filters), "rows": rows})


def _bound(filters: Filters) -> dict[str, object]:
    return {**filters.parameters(), "series": SERIES, "suspects": _SUSPECTS}


def facets(start: datetime, end: datetime, most: int = 200, ledger: Readable | None = None) -> dict[str, list[str]]:
    """For each filter the values it can take in this span, the most frequent first, at most so many."""
    frame = answer("facets", {"start": start, "end": end, "most": most}, ledger)
    found = dict(frame.group_by("facet", maintain_order=True).agg("choice").iter_rows())
    return {name: found.get(name, []) for name in FACETS}


def freshness(ledger: Readable | None = None) -> Freshness:
    """How new the newest attempt is, and what has not been read yet."""
    row = answer("freshness", {}, ledger).row(0, named=True)
    return Freshness(row["newest_attempt_at"], row["last_read_at"], lag_bytes())


def age(moment: datetime, now: datetime) -> timedelta:
    """How long ago it was; clocks that differ by a little never make it negative."""
    return max(now - moment, timedelta(0))


def _by_period(frame: pl.DataFrame) -> dict[bool, dict[str, Any]]:
    return {row.pop("is_current"): row for row in frame.to_dicts()}


def _totals(attempts: dict[str, Any], requests: dict[str, Any]) -> Totals:
    counted = dict(attempts)
    tokens = Tokens(**{field.name: counted.pop(field.name, None) for field in fields(Tokens)})
    middle, slow = counted.pop("ttft_us", None) or (None, None)
    chains = {("unserved" if name == "failed" else name): value for name, value in requests.items()}
    return Totals(**counted, **chains, tokens=tokens, ttft_p50_us=middle, ttft_p95_us=slow)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
