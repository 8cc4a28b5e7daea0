"""How a budget stands: what was spent in its window, what is left, and how fast it goes. Nothing is remembered."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from analytics.budgets.definitions import SCOPES, Budget, Threshold
from analytics.budgets.shelf import all_budgets
from scalix.store import sqlfiles
from scalix.store.control import ControlStore
from scalix.store.lake_reader import LakeReader
from scalix.times import now

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.reading import Readable
    from scalix.folder import Folder


@dataclass(frozen=True)
class BudgetState:
    """One budget at one moment. Amounts are dollars."""

    budget: Budget
    at: datetime
    start: datetime
    end: datetime
    spent_usd: Decimal
    """Of what is known."""
    open_usd: Decimal
    """Upper bounds of calls that broke off, whose cost nobody knows."""
    attempts: int
    unpriced: int
    """Attempts that used tokens at a cost that nobody knows, and so may have spent more."""

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
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "attempts": self.attempts,
            "unpriced": self.unpriced,
            "crossed": [{"percent": one.percent, "action": one.action} for one in self.crossed],
        }


def state_of(budget: Budget, ledger: Readable, at: datetime) -> BudgetState:
    """The state of a budget at a moment, computed from the attempts that started in its window until then."""
    start, end = budget.period.span(at)
    scope = {name: budget.scope.get(name) for name in SCOPES}
    (row,) = ledger.read(sqlfiles.text("budgets/spent"), {"start": start, "end": at, **scope}).to_dicts()
    return BudgetState(
        budget=budget,
        at=at,
        start=start,
        end=end,
        spent_usd=row["spent_usd"] or Decimal(0),
        open_usd=row["open_usd"] or Decimal(0),
        attempts=row["attempts"],
        unpriced=row["unpriced"],
    )


def in_lake(folder: Folder) -> list[BudgetState]:
    """Every budget by what the lake holds: for commands, beside a running hub or without one. Raises StoreError."""
    with closing(ControlStore.in_folder(folder)) as control:
        found = all_budgets(control)
    return [state_of(budget, LakeReader(folder.lake_views), now()) for budget in found]
