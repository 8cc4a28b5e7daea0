"""The price of being late: what keeps the limit on the 95th percentile at the least cost.

A limit on a share of all requests leaves a choice: to be late a little everywhere, or often where that saves most. The
cheapest way to keep it puts one price on every late request, the multiplier of that limit in a linear program. It is
not known beforehand; it is found by dual ascent (Zinkevich, "Online convex programming and generalized infinitesimal
gradient ascent", ICML 2003): it rises with every late request and falls a little with every other one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .remembered import shorten

AIMED_AT = 0.045
"""Of requests may be late: a little under one in twenty, so that the limit is kept with something to spare."""
STEP = 0.1
"""In answers' cost: how much a late request makes lateness dearer."""
MOST = 10
"""In the same unit: nobody pays more to be in time."""


@dataclass
class Lateness:
    """Of one process. ``price`` is in units of what an answer costs."""

    price: float = 0.0
    _begun: dict[str, float] = field(default_factory=dict)

    def sent(self, trace: str | None, now: float) -> None:
        """An attempt of a request is made, maybe its first."""
        if trace:
            self._begun.setdefault(trace, now)
            shorten(self._begun)

    def answered(self, trace: str | None, latency_s: float | None, now: float, most_s: float | None) -> None:
        """An answer came: with what failed before it, the request took so long."""
        begun = self._begun.pop(trace, None) if trace else None
        took = latency_s if begun is None else now - begun
        if most_s is not None and took is not None:
            self._note(late=took > most_s)

    def _note(self, *, late: bool) -> None:
        self.price = min(max(self.price + STEP * ((1.0 if late else 0.0) - AIMED_AT), 0.0), MOST)
