"""The canary: is what routing acts on worse than what it leaves alone? Then it steps back to shadow, by itself.

Both arms are watched all the time, so an ordinary test would find a difference sooner or later where there is none.
The intervals here hold at all times at once: asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy,
Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 52, 2024). Each of
the four means, success and cost of two arms, may leave its interval once in eighty; so a canary that is no worse is
called back at most once in twenty, however long it runs.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scalix import snapshot
from scalix.snapshot import Mode
from scalix.store import sqlfiles
from scalix.times import from_us

if TYPE_CHECKING:
    from analytics.reading import Readable
    from scalix.folder import Folder

CONFIDENCE = 0.95
_MISS = (1 - CONFIDENCE) / 4
FEWEST = 50
"""Requests of an arm, before the normal approximation means anything."""
TIGHTEST_AT = 500.0
"""Requests at which the intervals are made to be narrow; before and after they are wider than they would have to be."""
SETTLED = timedelta(seconds=60)
"""Requests that began later may not have ended yet."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mean:
    """Of so many requests, with their standard deviation."""

    count: int
    mean: float
    deviation: float

    @property
    def within(self) -> float:
        """Half of the interval in which the true mean lies at all times, 79 times in 80."""
        if self.count < FEWEST:
            return math.inf
        scale = (-2 * math.log(_MISS) + math.log(-2 * math.log(_MISS)) + 1) / TIGHTEST_AT
        grown = self.count * scale + 1
        return self.deviation * math.sqrt(2 * grown / (self.count**2 * scale) * math.log(math.sqrt(grown) / _MISS))


@dataclass(frozen=True)
class Arm:
    """Requests that routing acted on, or those it left alone."""

    answered: Mean
    cost_usd: Mean
    """Of requests whose cost is known."""


def read_arms(ledger: Readable, since_us: int, now_us: int) -> tuple[Arm, Arm]:
    """Canary and baseline since the mode was set."""
    bound: dict[str, object] = {"start": from_us(since_us), "end": from_us(now_us) - SETTLED}
    found = {row["acted"]: row for row in ledger.read(sqlfiles.text("routing/canary_arms"), bound).to_dicts()}
    return _arm(found.get(True)), _arm(found.get(False))


def worse(canary: Arm, baseline: Arm) -> str | None:
    """What the canary is worse at with confidence, in words; None when nothing shows."""
    if _above(baseline.answered, canary.answered):
        told = f"{canary.answered.mean:.2%} of its requests were answered, {baseline.answered.mean:.2%} of the others"
        return f"the canary stepped back: {told}"
    if _above(canary.cost_usd, baseline.cost_usd):
        told = f"a request cost {canary.cost_usd.mean:.6f} USD, {baseline.cost_usd.mean:.6f} USD without it"
        return f"the canary stepped back: {told}"
    return None


def watch_canary(ledger: Readable, folder: Folder, *, now_us: int) -> int:
    """Step back to shadow when the canary is worse. Returns how many steps were taken. Raises StoreError, OSError."""
    mode = snapshot.read_mode(folder.snapshot)
    if mode.mode != "canary" or from_us(now_us) - SETTLED <= from_us(mode.since_us):
        return 0
    found = worse(*read_arms(ledger, mode.since_us, now_us))
    if found is None:
        return 0
    snapshot.write_mode(folder.snapshot, Mode(mode="shadow", since_us=now_us, note=found))
    _log.warning(found)
    return 1


def _above(high: Mean, low: Mean) -> bool:
    return high.mean - high.within > low.mean + low.within


def _arm(row: dict[str, object] | None) -> Arm:
    if row is None:
        return Arm(Mean(0, 0.0, 0.0), Mean(0, 0.0, 0.0))
    numbers = {name: float(value or 0.0) for name, value in row.items()}  # type: ignore[arg-type]  # all are numbers
    return Arm(
        Mean(int(numbers["requests"]), numbers["answered"], numbers["answered_deviation"]),
        Mean(int(numbers["priced"]), numbers["cost_usd"], numbers["cost_deviation"]),
    )
