"""How objectives stand: computed from the rollups of requests and deployments each time, nothing is remembered."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from analytics.objectives.burn import PAIRS, SHORT_SHARE, Burn, Window
from analytics.objectives.definitions import SCOPES, SHARES, Objective
from analytics.objectives.shelf import all_objectives
from analytics.rollups.bins import GAMMA
from analytics.written import with_values
from scalix.store import sqlfiles
from scalix.store.control import ControlStore
from scalix.store.lake_reader import LakeReader
from scalix.times import MICROSECONDS, from_us, now_us

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.objectives.burn import Pair
    from analytics.reading import Readable
    from scalix.folder import Folder

Status = Literal["ok", "burning", "breached", "not_evaluated"]
MINUTES_KEPT = timedelta(days=3)
"""Windows up to this long are added up by the minute, longer ones by the hour."""


@dataclass(frozen=True)
class ObjectiveState:
    """One objective at one moment."""

    objective: Objective
    at: datetime
    start: datetime
    """Where the objective's window begins, to the minute, or to the hour for windows of more than three days."""
    events: int
    bad: int | None
    """Events beyond what is aimed at; None for a mean."""
    value: float | None
    """What was measured: percent, or seconds; None with too few events."""
    budget_left: float | None
    """The share of the allowance that is left: 1 untouched, below 0 overspent. Of a mean, the room to its target."""
    burns: tuple[Burn, ...]

    @property
    def subject(self) -> str:
        """What it speaks of: ``team search``, or ``everything``."""
        return " and ".join(f"{name} {value}" for name, value in self.objective.scope.items()) or "everything"

    @property
    def window(self) -> str:
        """The objective's window: ``30d``."""
        return self.objective.window

    @property
    def status(self) -> Status:
        """Breached when the allowance is gone, burning when any pair burns; too few events are not the same as ok."""
        if self.budget_left is None:
            return "burning" if self.burning else "not_evaluated"
        if self.budget_left < 0:
            return "breached"
        return "burning" if self.burning else "ok"

    @property
    def burning(self) -> tuple[Burn, ...]:
        """The pairs that burn, the most urgent first."""
        return tuple(burn for burn in self.burns if burn.status == "burning")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.objective.name,
            "measure": self.objective.measure,
            "target": f"{self.objective.target:f}",
            "scope": self.objective.scope,
            "subject": self.subject,
            "window": self.window,
            "at": self.at.isoformat(),
            "start": self.start.isoformat(),
            "status": self.status,
            "events": self.events,
            "bad_events": self.bad,
            "value": self.value,
            "error_budget_left": self.budget_left,
            "burn_rates": [
                {
                    "window": burn.pair.name,
                    "severity": burn.pair.severity,
                    "factor": burn.factor,
                    "long": burn.long_rate,
                    "short": burn.short_rate,
                    "status": burn.status,
                }
                for burn in self.burns
            ],
        }


def objective_states(ledger: Readable, control: ControlStore, now_us: int) -> list[ObjectiveState]:
    """Every objective at a moment, by name. Raises StoreError."""
    return [state_of(objective, ledger, now_us) for objective in all_objectives(control)]


def in_lake(folder: Folder) -> list[ObjectiveState]:
    """Every objective by what the lake holds: for commands, beside a running hub or without one. Raises StoreError."""
    with closing(ControlStore.in_folder(folder)) as control:
        return objective_states(LakeReader(folder.lake_views), control, now_us())


def state_of(objective: Objective, ledger: Readable, now_us: int) -> ObjectiveState:
    """One objective at a moment: buckets that began before it count."""
    lengths = {length for pair in PAIRS for length in (pair.long, pair.short)}
    seen = _windows(objective, ledger, now_us, lengths, "minute")
    grain = "hour" if objective.length > MINUTES_KEPT else "minute"
    whole = _windows(objective, ledger, now_us, {objective.length}, grain)[objective.length]
    enough = whole.events >= objective.least_events
    rate = _rate(objective, whole) if enough else None
    return ObjectiveState(
        objective=objective,
        at=from_us(now_us),
        start=from_us(_start_us(now_us, objective.length, grain)),
        events=whole.events,
        bad=None if objective.allowed is None else whole.bad,
        value=_value(objective, whole) if enough else None,
        budget_left=None if rate is None else 1 - rate,
        burns=tuple(_burn(objective, pair, seen) for pair in PAIRS),
    )


def _burn(objective: Objective, pair: Pair, seen: dict[timedelta, Window]) -> Burn:
    long, short = seen[pair.long], seen[pair.short]
    return Burn(
        pair=pair,
        long_rate=_rate(objective, long) if long.events >= objective.least_events else None,
        short_rate=_rate(objective, short) if short.events * SHORT_SHARE >= objective.least_events else None,
        factor=1.0 if objective.allowed is None else pair.factor,
    )


def _rate(objective: Objective, window: Window) -> float:
    """Bad events against those allowed; a mean against its target."""
    if objective.allowed is None:
        return window.total_us / window.events / MICROSECONDS / float(objective.target)
    return window.bad / window.events / objective.allowed


def _value(objective: Objective, window: Window) -> float:
    if objective.allowed is None:
        return window.total_us / window.events / MICROSECONDS
    bad = 100 * window.bad / window.events
    return bad if objective.measure == "errors" else 100 - bad


def _windows(
    objective: Objective, ledger: Readable, now_us: int, lengths: set[timedelta], grain: str
) -> dict[timedelta, Window]:
    """What happened in each of the windows of these lengths that end now."""
    starts = {length: _start_us(now_us, length, grain) for length in lengths}
    rows = ledger.read(*_asked(objective, now_us, sorted(starts.values()), grain)).to_dicts()
    found = {row.pop("start_us"): Window(**row) for row in rows}
    return {length: found.get(start, Window()) for length, start in starts.items()}


def readable(objective: Objective, now_us: int) -> str:
    """The question for what happened in an objective's windows by the minute, with its values written into it."""
    starts = {_start_us(now_us, length, "minute") for pair in PAIRS for length in (pair.long, pair.short)}
    return with_values(*_asked(objective, now_us, sorted(starts), "minute"))


def _asked(objective: Objective, now_us: int, starts_us: list[int], grain: str) -> tuple[str, dict[str, object]]:
    judged, rollup = ("requests", "requests") if objective.of_requests else ("attempts", "reliability")
    sql = sqlfiles.text("objectives/windows").replace("{judged}", f"judged_{judged}")
    return sql.replace("{table}", f"{rollup}_{grain}"), {
        "starts_us": starts_us,
        "since": from_us(starts_us[0]),
        "until": from_us(now_us),
        "measure": objective.measure,
        "last_good_bin": _bin(objective),
        **{name: objective.scope.get(name) for name in SCOPES},
    }


def _start_us(now_us: int, length: timedelta, grain: str) -> int:
    width_us = (3600 if grain == "hour" else 60) * MICROSECONDS
    return now_us // width_us * width_us - length // timedelta(microseconds=1)


def _bin(objective: Objective) -> int | None:
    """The last bin of a histogram that still reaches the target; with it the target is met to within 1 %."""
    if objective.measure in SHARES:
        return None
    return math.ceil(math.log(float(objective.target) * MICROSECONDS) / math.log(GAMMA))
