"""Episodes: from when to when a deployment was down or degraded, found in the minute rollup.

A minute is judged by the ``WINDOW`` minutes that end with it, or, where traffic is thin, by as many more as it takes to
have ``LEAST`` attempts, at most ``LONGEST``; below that nothing is said. It is bad with ``LEAST_ERRORS`` and a rate of
``DEGRADED``. An episode begins with an error and ends with the last error before a minute that is judged good.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.reading import Readable, ledger_here
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from analytics.filters import Filters

WINDOW = timedelta(minutes=5)
LONGEST = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LEAST = 10
"""Attempts that must have ended in a window for it to be judged."""
LEAST_ERRORS = 3
"""Fewer are chance."""
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
    return episodes_in((ledger or ledger_here()).read(*asked_minutes(filters)).to_dicts())


def asked_minutes(filters: Filters) -> tuple[str, dict[str, object]]:
    """The query for the minutes that episodes are found in, and its parameters."""
    sql = sqlfiles.text("reliability/minutes")
    return sql, {name: value for name, value in filters.parameters().items() if f"${name}" in sql}


def as_frame(found: list[Episode]) -> pl.DataFrame:
    """Episodes as rows, a column for each field."""
    return pl.DataFrame([asdict(one) for one in found])


def episodes_in(minutes: list[dict[str, Any]]) -> list[Episode]:
    """The episodes in minutes as ``sql/reliability/minutes`` gives them, sorted likewise; the latest first."""
    found = [
        episode
        for _, rows in groupby(minutes, key=lambda row: (row["provider"], row["deployment"]))
        for episode in _of_deployment(list(rows))
    ]
    return sorted(found, key=lambda episode: episode.started_at, reverse=True)


def _of_deployment(minutes: list[dict[str, Any]]) -> Iterator[Episode]:
    together: list[tuple[int, float]] = []
    for place, rate in _judged(minutes):
        gap = minutes[place]["bucket_at"] - minutes[together[-1][0]]["bucket_at"] if together else timedelta(0)
        if together and (rate < DEGRADED or gap > LONGEST):
            yield _episode(minutes, together)
            together = []
        if rate >= DEGRADED and minutes[place]["provider_errors"]:
            together.append((place, rate))
    if together:
        yield _episode(minutes, together)


def _judged(minutes: list[dict[str, Any]]) -> Iterator[tuple[int, float]]:
    """The minutes about which something can be said, with the error rate of their windows."""
    first = ended = errors = 0
    for place, minute in enumerate(minutes):
        ended, errors = ended + minute["ended"], errors + minute["provider_errors"]
        while _is_over(minutes[first], minute, ended):
            ended, errors = ended - minutes[first]["ended"], errors - minutes[first]["provider_errors"]
            first += 1
        if ended >= LEAST:
            yield place, errors / ended if errors >= LEAST_ERRORS else 0.0


def _is_over(oldest: dict[str, Any], newest: dict[str, Any], ended: int) -> bool:
    """Whether the oldest minute leaves the window that ends with the newest."""
    age: timedelta = newest["bucket_at"] - oldest["bucket_at"]
    enough: bool = ended - oldest["ended"] >= LEAST
    return age >= LONGEST or (age >= WINDOW and enough)


def _episode(minutes: list[dict[str, Any]], bad: list[tuple[int, float]]) -> Episode:
    first, last = bad[0][0], bad[-1][0]
    since = minutes[first]["bucket_at"] - LONGEST
    while first and minutes[first - 1]["bucket_at"] > since and minutes[first - 1]["provider_errors"]:
        first -= 1
    within = minutes[first : last + 1]
    depth = max(rate for _, rate in bad)
    return Episode(
        provider=within[0]["provider"],
        deployment=within[0]["deployment"],
        kind="outage" if depth >= OUTAGE else "degradation",
        started_at=within[0]["bucket_at"],
        detected_at=minutes[bad[0][0]]["bucket_at"] + MINUTE,
        ended_at=within[-1]["bucket_at"] + MINUTE,
        attempts=sum(minute["ended"] for minute in within),
        provider_errors=sum(minute["provider_errors"] for minute in within),
        depth=depth,
        cause=_cause(within),
    )


def _cause(minutes: Iterable[dict[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for minute in minutes:
        for error in minute["errors"] or ():
            counts[error["kind"]] = counts.get(error["kind"], 0) + error["count"]
    return max(sorted(counts), key=lambda kind: counts[kind], default="unknown")
