"""The price of being late: what keeps the limit on the 95th percentile at the least cost.

A limit on a share of all requests leaves a choice: to be late a little everywhere, or often where that saves most. The
cheapest way to keep it puts one price on every late request, the multiplier of that limit in a linear program. It is
not known beforehand; it is found by dual ascent (Zinkevich, "Online convex programming and generalized infinitesimal
gradient ascent", ICML 2003): it rises with every late request and falls a little with every other one.

A request counts as late as soon as its time is up, not when its answer comes: in a brown-out that is several times the
limit later, and until then a burst would go on at the old price.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .remembered import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

AIMED_AT = 0.04
"""Of requests may be late: one in twenty less two standard deviations of that share among 2,000 requests."""
STEP = 0.1
"""In answers' cost: how much a late request makes lateness dearer."""
MOST = 10
"""In the same unit: nobody pays more to be in time."""
GIVEN_UP = 20
"""Times the limit, after which a request is taken to have been cancelled: nobody says when one is."""


@dataclass
class Lateness:
    """Of one process. ``price`` is in units of what an answer costs."""

    price: float = 0.0
    _begun: dict[str, float] = field(default_factory=dict)
    """When each request was, the oldest first."""
    _overdue: dict[str, float] = field(default_factory=dict)
    """Those that count as late already."""

    def sent(self, trace: str | None, now: float) -> None:
        """An attempt of a request is made, maybe its first."""
        if trace and trace not in self._overdue:
            self._begun.setdefault(trace, now)
            shorten(self._begun)

    def answered(self, trace: str | None, latency_s: float | None, now: float, most_s: float | None) -> None:
        """An answer came: with what failed before it, the request took so long."""
        if trace and self._overdue.pop(trace, None) is not None:
            return
        begun = self._begun.pop(trace, None) if trace else None
        took = latency_s if begun is None else now - begun
        if most_s is not None and took is not None:
            self._note(late=took > most_s)

    def look(self, now: float, most_s: float) -> None:
        """Count requests whose time is up as late, each once, and no longer when they turn out to be cancelled."""
        for trace in _older(self._begun, now - most_s):
            self._overdue[trace] = self._begun.pop(trace, now)
            shorten(self._overdue)
            self._note(late=True)
        for trace in _older(self._overdue, now - GIVEN_UP * most_s):
            self._overdue.pop(trace, None)
            self._move(-STEP)

    def _note(self, *, late: bool) -> None:
        self._move(STEP * ((1.0 if late else 0.0) - AIMED_AT))

    def _move(self, by: float) -> None:
        self.price = min(max(self.price + by, 0.0), MOST)


def _older(moments: dict[str, float], than: float) -> Iterator[str]:
    """The traces that are there since before a moment; whoever is given one takes it out."""
    while moments and (oldest := next(iter(moments.items()), None)) is not None and oldest[1] < than:
        yield oldest[0]
