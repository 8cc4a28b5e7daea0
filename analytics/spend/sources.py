"""Where a question about spending takes each moment from: the rollup where it is whole and current, else attempts.

A rollup's bucket cannot be cut, and may lag a few seconds behind. So the buckets that a period begins or ends in, and
those with attempts that are not rolled up yet, are read attempt by attempt; the answer is as if all had been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.rollups.declared import DAY_US, GRAINS, HOUR_US, SPEND
from scalix.store import sqlfiles
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analytics.filters import Filters
    from analytics.reading import Readable

DAYS_FROM_US = 14 * DAY_US
"""Spans of this length are read by the day: what is read attempt by attempt at their ends is little beside the rest."""
MOST_SPANS = 16
"""Attempts are read in at most so many separate stretches of time."""
Span = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """A grain of the rollup, and the stretches of time (start, end; µs) for which attempts are read instead."""

    grain: str
    raw: tuple[Span, ...]

    @property
    def rollup(self) -> str:
        """The table of the rollup."""
        return SPEND.table(self.grain)

    @property
    def taken(self) -> str:
        """The condition that takes each moment once."""
        if not self.raw:
            return "rolled_up"
        inside = " OR ".join(f"(moment >= $raw_from_{n} AND moment < $raw_to_{n})" for n in range(len(self.raw)))
        return f"((rolled_up AND NOT ({inside})) OR (NOT rolled_up AND ({inside})))"

    def parameters(self) -> dict[str, object]:
        """What is bound in the condition."""
        starts: dict[str, object] = {f"raw_from_{n}": from_us(start) for n, (start, _) in enumerate(self.raw)}
        return starts | {f"raw_to_{n}": from_us(end) for n, (_, end) in enumerate(self.raw)}


def source_of(filters: Filters, *, with_previous: bool, by_bucket: bool, ledger: Readable) -> Source:
    """Where to read a period from, with the equal one before it or alone, as a whole or by ``filters.bucket``."""
    since = to_us(filters.previous_start if with_previous else filters.start)
    until = to_us(filters.end)
    width = to_us(filters.first_bucket + filters.bucket) - to_us(filters.first_bucket)
    if by_bucket and width % HOUR_US:
        return Source("hour", ((since, until),))
    by_day = until - since >= DAYS_FROM_US and not (by_bucket and width % DAY_US)
    grain = "day" if by_day else "hour"
    cut = [moment for moment in (since, to_us(filters.start), until) if moment % GRAINS[grain]]
    stale = [*_stale_hours(ledger), *cut]
    return Source(grain, _spans(stale, GRAINS[grain], (since, until)))


def _stale_hours(ledger: Readable) -> list[int]:
    return ledger.read(sqlfiles.text("spend/stale_hours"))["hour_us"].to_list()


def _spans(moments: Iterable[int], width: int, period: Span) -> tuple[Span, ...]:
    """The buckets of these moments within a period, neighbours joined."""
    since, until = period
    starts = sorted({moment // width * width for moment in moments})
    found: list[Span] = []
    for start in (start for start in starts if start < until and start + width > since):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], min(start + width, until))
        else:
            found.append((max(start, since), min(start + width, until)))
    return tuple(_fewer(found))


def _fewer(spans: Sequence[Span]) -> Sequence[Span]:
    """Too many are read as one: what lies between them is the same, whichever way it is read."""
    return spans if len(spans) <= MOST_SPANS else [(spans[0][0], spans[-1][1])]
