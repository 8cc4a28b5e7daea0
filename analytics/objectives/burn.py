"""Burn rates: how fast an objective's allowance for bad events is used up, over pairs of windows.

The pairs and factors are those of Google's Site Reliability Workbook, chapter 5: the long window shows that it matters,
the short one that it still goes on. A rate of 1 uses up the allowance just by the end of the objective's window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Severity = Literal["page", "ticket"]
BurnStatus = Literal["ok", "burning", "not_evaluated"]


@dataclass(frozen=True)
class Pair:
    """Two windows over which the rate has to be reached for it to count."""

    long: timedelta
    short: timedelta
    factor: float
    severity: Severity

    @property
    def name(self) -> str:
        """The long window, as it is called in alerts: 1h, 6h, 3d."""
        return f"{self.long.days}d" if self.long.days else f"{self.long.seconds // 3600}h"


PAIRS = (
    Pair(timedelta(hours=1), timedelta(minutes=5), 14.4, "page"),
    Pair(timedelta(hours=6), timedelta(minutes=30), 6.0, "page"),
    Pair(timedelta(days=3), timedelta(hours=6), 1.0, "ticket"),
)
SHORT_SHARE = 12
"""The short window is a twelfth of the long one, and so is the number of events that it needs."""


@dataclass(frozen=True)
class Window:
    """What happened in one window: events, how many of them were bad, and microseconds in all for times."""

    events: int = 0
    bad: int = 0
    total_us: int = 0


@dataclass(frozen=True)
class Burn:
    """One pair at one moment. A rate is None where there were too few events to tell."""

    pair: Pair
    long_rate: float | None
    short_rate: float | None
    factor: float
    """The rate from which on it burns; a mean burns from 1 on, whatever the pair."""

    @property
    def status(self) -> BurnStatus:
        """Whether both windows are at the factor; too few events in either is not the same as ok."""
        if self.long_rate is None or self.short_rate is None:
            return "not_evaluated"
        return "burning" if min(self.long_rate, self.short_rate) >= self.factor else "ok"
