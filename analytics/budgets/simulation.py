"""Had this budget existed: when it would have warned or blocked, whose calls, and whether the alerts were noise.

Calls count when they end, as their cost is known then; once a threshold that blocks is reached, calls that start later
are taken out, and what they cost is not spent. So what follows is what would have been, not what was.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from analytics.budgets.outlook import scope_of
from scalix.errors import SettingsError
from scalix.store import sqlfiles
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    import polars as pl

    from analytics.budgets.definitions import Budget, Threshold
    from analytics.reading import Readable

WHOLE = 100


@dataclass(frozen=True)
class Call:
    """One call that cost something. Moments are microseconds since 1970."""

    ended_us: int
    started_us: int
    cost_usd: Decimal


@dataclass
class Run:
    """One window of the past, or for a rolling one the stretch until it was below its lowest threshold again."""

    start: datetime
    reached: dict[Threshold, datetime] = field(default_factory=dict)
    ran_out_at: datetime | None = None
    """When all of the amount was spent, or calls were blocked."""
    blocked: list[tuple[datetime, datetime]] = field(default_factory=list)
    """Stretches in which no call would have started."""


@dataclass(frozen=True)
class Verdict:
    """One threshold over all windows."""

    threshold: Threshold
    reached: int
    noise: int
    """Of those, how often the amount was not spent in the end: it told of something that did not come."""
    lead_s: float | None
    """How long before the amount was spent it would have told, in the middle; None where it never was."""


@dataclass(frozen=True)
class Simulation:
    """What would have been from ``start`` to ``end``. ``blocked`` has team, user, key, provider, model, calls, cost."""

    budget: Budget
    start: datetime
    end: datetime
    runs: tuple[Run, ...]
    blocked: pl.DataFrame

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Each threshold, and whether it would have been worth being told."""
        return tuple(_verdict(threshold, self.runs) for threshold in self.budget.thresholds)

    @property
    def blocked_calls(self) -> int:
        """Calls that would not have been made."""
        return int(self.blocked["calls"].sum())

    @property
    def blocked_usd(self) -> Decimal:
        """What they did cost."""
        return Decimal(self.blocked["spent_usd"].sum() or 0)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text."""
        return {
            "budget": self.budget.name,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "windows": [
                {
                    "start": run.start.isoformat(),
                    "reached": {f"{one.percent}% {one.action}": at.isoformat() for one, at in run.reached.items()},
                    "blocked": [[since.isoformat(), until.isoformat()] for since, until in run.blocked],
                }
                for run in self.runs
                if run.reached
            ],
            "thresholds": [
                {
                    "percent": one.threshold.percent,
                    "action": one.threshold.action,
                    "reached": one.reached,
                    "noise": one.noise,
                    "lead_s": one.lead_s,
                }
                for one in self.verdicts
            ],
            "blocked_calls": self.blocked_calls,
            "blocked_usd": f"{self.blocked_usd:f}",
            "blocked": [
                {**row, "spent_usd": None if row["spent_usd"] is None else f"{row['spent_usd']:f}"}
                for row in self.blocked.to_dicts()
            ],
        }


def simulate(
    budget: Budget,
    ledger: Readable,
    start: datetime,
    end: datetime,
    *,
    progress: Callable[[float], None] | None = None,
) -> Simulation:
    """Play the budget over what was recorded. ``progress`` is told the share that is done.

    Raises SettingsError for an empty span, StoreError.
    """
    if not start < end:
        raise SettingsError(f"{start.isoformat()} to {end.isoformat()} is no span: give the earlier moment first")
    bound: dict[str, object] = {"start": budget.period.span(start)[0], "end": end, **scope_of(budget)}
    rows = ledger.read(sqlfiles.text("budgets/calls"), bound)
    calls = _counted(map(Call, *rows.get_columns()), rows.height, progress)
    runs = _rolling(budget, calls, end) if budget.period.length else _calendar(budget, calls, end)
    kept = tuple(run for run in runs if run.reached and max(run.reached.values()) >= start)
    return Simulation(budget, start, end, kept, _whose(ledger, bound, [one for run in kept for one in run.blocked]))


def _counted(calls: Iterable[Call], count: int, progress: Callable[[float], None] | None) -> Iterator[Call]:
    for number, call in enumerate(calls):
        if progress is not None and number % 10_000 == 0:
            progress(number / count)
        yield call


def _calendar(budget: Budget, calls: Iterable[Call], end: datetime) -> list[Run]:
    """A call counts in the window in which it started; what blocks lasts until that window's end."""
    runs: dict[datetime, tuple[Run, datetime]] = {}
    spent: dict[datetime, Decimal] = {}
    first, last = from_us(0), from_us(0)
    for call in calls:
        started, ended = from_us(call.started_us), from_us(call.ended_us)
        if not first <= started < last:
            first, last = budget.period.span(started)
        run, until = runs.setdefault(first, (Run(first), last))
        if run.blocked and started >= run.blocked[0][0]:
            continue
        spent[first] = spent.get(first, Decimal(0)) + call.cost_usd
        if _note(budget, run, spent[first], ended) and not run.blocked and ended < min(until, end):
            run.blocked.append((ended, min(until, end)))
    return [run for run, _ in runs.values()]


def _rolling(budget: Budget, calls: Iterable[Call], end: datetime) -> list[Run]:
    """A run lasts until less than its lowest threshold is spent again; what blocks, until less than that is."""
    rolling = _Rolling(budget, end)
    for call in calls:
        rolling.move_to(from_us(call.started_us))
        if not rolling.blocks:
            rolling.spend(call)
    rolling.move_to(end)
    return rolling.runs


@dataclass
class _Rolling:
    budget: Budget
    end: datetime
    inside: deque[Call] = field(default_factory=deque)
    spent: Decimal = Decimal(0)
    runs: list[Run] = field(default_factory=list)
    going_on: bool = False
    blocked_since: datetime | None = None

    @property
    def blocks(self) -> bool:
        return self.blocked_since is not None

    def spend(self, call: Call) -> None:
        """A call that was made."""
        self.inside.append(call)
        self.spent += call.cost_usd
        at = from_us(call.ended_us)
        if not self.going_on and any(_is_reached(self.budget, one, self.spent) for one in self.budget.thresholds):
            self.runs.append(Run(at))
            self.going_on = True
        if self.going_on and _note(self.budget, self.runs[-1], self.spent, at):
            self.blocked_since = at

    def move_to(self, at: datetime) -> None:
        """What is older than the window leaves it, one call after the other."""
        length = self.budget.period.length
        assert length is not None  # noqa: S101 - only rolling windows come here
        while self.inside and (left := from_us(self.inside[0].started_us) + length) <= at:
            self.spent -= self.inside.popleft().cost_usd
            reached = [one for one in self.budget.thresholds if _is_reached(self.budget, one, self.spent)]
            if self.blocked_since is not None and not any(one.action == "block" for one in reached):
                self._unblock(left)
            self.going_on = self.going_on and bool(reached)
        if at == self.end and self.blocked_since is not None:
            self._unblock(self.end)

    def _unblock(self, at: datetime) -> None:
        if self.blocked_since is not None and self.blocked_since < at:
            self.runs[-1].blocked.append((self.blocked_since, at))
        self.blocked_since = None


def _note(budget: Budget, run: Run, spent: Decimal, at: datetime) -> bool:
    """Note what is reached for the first time in a run. Whether calls are to be blocked from now on."""
    reached = [one for one in budget.thresholds if _is_reached(budget, one, spent)]
    for threshold in reached:
        run.reached.setdefault(threshold, at)
    blocks = any(one.action == "block" for one in reached)
    if run.ran_out_at is None and (blocks or spent >= budget.amount_usd):
        run.ran_out_at = at
    return blocks


def _is_reached(budget: Budget, threshold: Threshold, spent: Decimal) -> bool:
    return spent * WHOLE >= budget.amount_usd * threshold.percent


def _whose(ledger: Readable, bound: dict[str, object], stretches: list[tuple[datetime, datetime]]) -> pl.DataFrame:
    times = {"since": [since for since, _ in stretches], "until": [until for _, until in stretches]}
    return ledger.read(sqlfiles.text("budgets/blocked"), {**bound, **times})


def _verdict(threshold: Threshold, runs: Iterable[Run]) -> Verdict:
    told = [(run.reached[threshold], run.ran_out_at) for run in runs if threshold in run.reached]
    leads = [(out - at).total_seconds() for at, out in told if out is not None]
    noise = sum(out is None for _, out in told)
    return Verdict(threshold, len(told), noise, median(leads) if leads else None)
