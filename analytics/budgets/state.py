"""How a budget stands: what was spent in its window, what is left, and how fast it goes. Nothing is remembered."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from analytics.budgets.shelf import all_budgets
from analytics.budgets.spent import Spent, Wanted, spent_until
from scalix.store.control import ControlStore
from scalix.store.lake_reader import LakeReader
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from analytics.budgets.definitions import Budget, Threshold
    from analytics.reading import Readable
    from scalix.folder import Folder

PACES = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}
"""Stretches over which burn rates are measured, as in chapter 5 of Google's SRE Workbook; those within the window."""


@dataclass(frozen=True)
class BudgetState:
    """One budget at one moment. Amounts are dollars."""

    budget: Budget
    at: datetime
    start: datetime
    end: datetime
    spent: Spent
    lately: Mapping[str, Spent]
    """By ``PACES``: of those that are shorter than the window."""

    @property
    def spent_usd(self) -> Decimal:
        """Of what is known."""
        return self.spent.spent_usd

    @property
    def open_usd(self) -> Decimal:
        """Upper bounds of calls that broke off, whose cost nobody knows."""
        return self.spent.open_usd

    @property
    def unpriced(self) -> int:
        """Attempts that used tokens at a cost that nobody knows, and so may have spent more."""
        return self.spent.unpriced

    @property
    def left_usd(self) -> Decimal:
        """What may still be spent; negative once it is overspent."""
        return self.budget.amount_usd - self.spent_usd

    @property
    def share(self) -> Decimal:
        """Spent, as a share of the amount."""
        return self.spent_usd / self.budget.amount_usd

    @property
    def burn_rate(self) -> float | None:
        """Spending against an even one: 1 spends the amount just by the window's end. None at its very start."""
        elapsed = (self.at - self.start) / (self.end - self.start)
        return float(self.share) / elapsed if elapsed > 0 else None

    @property
    def burn_rates(self) -> dict[str, float]:
        """The same of the last hour, 6 hours, day and 3 days: what the pace of each would make of a whole window."""
        whole = self.end - self.start
        return {
            name: float(spent.spent_usd / self.budget.amount_usd) * (whole / PACES[name])
            for name, spent in self.lately.items()
        }

    @property
    def crossed(self) -> tuple[Threshold, ...]:
        """The thresholds reached, lowest first. The amounts themselves are compared, nothing is rounded."""
        reached = [one for one in self.budget.thresholds if self.reached(one)]
        return tuple(sorted(reached, key=lambda one: one.percent))

    def reached(self, threshold: Threshold) -> bool:
        """Whether so many percent of the amount are spent."""
        return self.spent_usd * 100 >= self.budget.amount_usd * threshold.percent

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text, so that no digit is lost."""
        amounts = {"spent_usd": self.spent_usd, "open_usd": self.open_usd, "left_usd": self.left_usd}
        return {
            "name": self.budget.name,
            "scope": self.budget.scope,
            "window": self.budget.window,
            "zone": self.budget.zone,
            "amount_usd": f"{self.budget.amount_usd:f}",
            **{name: f"{amount:f}" for name, amount in amounts.items()},
            "share": float(self.share),
            "burn_rate": self.burn_rate,
            "burn_rates": self.burn_rates,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "attempts": self.spent.attempts,
            "unpriced": self.unpriced,
            "crossed": [{"percent": one.percent, "action": one.action} for one in self.crossed],
        }


def states_of(budgets: Iterable[Budget], ledger: Readable, at: datetime) -> list[BudgetState]:
    """The states of budgets at a moment, from the attempts that started in their windows until then."""
    spans = [(budget, *budget.period.span(at)) for budget in budgets]
    starts = [{"": start, **_paces(at, end - start)} for _, start, end in spans]
    questions = [
        {name: Wanted.of(since, budget.scope) for name, since in named.items()}
        for (budget, _, _), named in zip(spans, starts, strict=True)
    ]
    found = spent_until((one for named in questions for one in named.values()), ledger, at)
    answers = [{name: found[one] for name, one in named.items()} for named in questions]
    return [
        BudgetState(budget, at, start, end, spent.pop(""), spent)
        for (budget, start, end), spent in zip(spans, answers, strict=True)
    ]


def state_of(budget: Budget, ledger: Readable, at: datetime) -> BudgetState:
    """The state of one budget at a moment."""
    return states_of([budget], ledger, at)[0]


def in_lake(folder: Folder) -> list[BudgetState]:
    """Every budget by what the lake holds: for commands, beside a running hub or without one. Raises StoreError."""
    with closing(ControlStore.in_folder(folder)) as control:
        found = all_budgets(control)
    return states_of(found, LakeReader(folder.lake_views), now())


def _paces(at: datetime, window: timedelta) -> dict[str, datetime]:
    return {name: at - length for name, length in PACES.items() if length < window}
