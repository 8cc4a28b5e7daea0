"""Had a rule on anomalies existed: in which hours of the past would it have fired, of what, and for how long?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.alerts.watchers.anomalies import hours_read, judged
from analytics.rollups.declared import HOUR_US
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.alerts.rules import Rule
    from analytics.reading import Readable


@dataclass(frozen=True)
class Stretch:
    """Hours in a row in which a rule would have fired of one subject."""

    subject: str
    start: datetime
    end: datetime
    highest: float
    """The highest score."""


def backtest(rule: Rule, ledger: Readable, since: datetime, until: datetime) -> list[Stretch]:
    """Look at each whole hour as the rule would have then; the latest stretch first. Raises StoreError."""
    first, last = to_us(since) // HOUR_US * HOUR_US, to_us(until) // HOUR_US * HOUR_US
    frame = hours_read(rule, ledger, first, last)
    found: dict[str, list[Stretch]] = {}
    for hour_us in range(first, last, HOUR_US):
        for finding in judged(rule, frame, hour_us):
            if finding.crossed:
                _add(found.setdefault(finding.subject, []), finding.subject, hour_us, finding.facts["score"])
    return sorted((one for of in found.values() for one in of), key=lambda one: one.start, reverse=True)


def _add(stretches: list[Stretch], subject: str, hour_us: int, score: float) -> None:
    start, end = from_us(hour_us), from_us(hour_us + HOUR_US)
    if stretches and stretches[-1].end == start:
        last = stretches.pop()
        start, score = last.start, max(last.highest, score)
    stretches.append(Stretch(subject, start, end, score))
