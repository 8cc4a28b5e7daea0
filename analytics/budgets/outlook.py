"""A budget's past by the hour, and with it what lies ahead of its window and how good such forecasts have been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from analytics.budgets.calibration import Calibration, calibration
from analytics.budgets.definitions import SCOPES
from analytics.budgets.forecast import HOUR, SHARES, Forecast, Hours, forecast
from analytics.budgets.windows import Window
from scalix.store import sqlfiles
from scalix.times import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.budgets.definitions import Budget
    from analytics.budgets.state import BudgetState
    from analytics.reading import Readable

LOOK_BACK = timedelta(weeks=8)
JUDGED = 40
"""So many past forecasts are made again to see how good they are."""
_EVERY = {"hour": timedelta(hours=6), "day": timedelta(hours=6), "week": timedelta(days=1), "month": timedelta(days=2)}


@dataclass(frozen=True)
class Outlook:
    """``ahead`` is None with too little history, and for windows that have no end; ``past`` judges what can be."""

    history: Hours
    ahead: Forecast | None
    past: Calibration
    ran_out: datetime | None = None
    """By when all was spent, to the hour: None while some is left, and where whole hours do not tell."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        ahead = self.ahead
        return {
            "at_end": None if ahead is None else dict(zip(map(str, SHARES), ahead.at_end, strict=True)),
            "chance_to_run_out": None if ahead is None else ahead.chance,
            "runs_out": None
            if ahead is None
            else {str(share): at and at.isoformat() for share, at in zip(SHARES, ahead.runs_out, strict=True)},
            "ran_out": self.ran_out and self.ran_out.isoformat(),
            "within_90": self.past.within_90,
            "within_50": self.past.within_50,
            "loss_against_seasonal_naive": self.past.loss_ratio,
            "judged": len(self.past.judged),
        }


def outlook(state: BudgetState, ledger: Readable) -> Outlook:
    """Look ahead from a budget's state. Raises StoreError."""
    budget, at = state.budget, state.at
    history = hours_of(budget, ledger, at)
    if budget.period.length:
        return Outlook(history, None, Calibration(()))
    ahead = forecast(
        history,
        at=at,
        end=state.end,
        spent_usd=float(state.spent_usd),
        amount_usd=float(budget.amount_usd),
        zone=budget.zone,
    )
    judged = Window("week", budget.zone) if budget.window == "month" else budget.period
    return Outlook(history, ahead, _judged(history, judged), _ran_out(state, history))


def _ran_out(state: BudgetState, history: Hours) -> datetime | None:
    """The end of the hour of the window in which the last of the amount was spent."""
    if state.left_usd > 0:
        return None
    begun = max(0, -((history.first - state.start) // HOUR))
    totals = accumulate(history.values[begun:])
    hour = next((hour for hour, spent in enumerate(totals, begun) if spent >= float(state.budget.amount_usd)), None)
    return None if hour is None else history.first + HOUR * (hour + 1)


@lru_cache(maxsize=256)
def _judged(history: Hours, window: Window) -> Calibration:
    """The past changes once an hour, and pages ask every few seconds."""
    return calibration(history, window, _EVERY[window.kind], most=JUDGED)


def hours_of(budget: Budget, ledger: Readable, at: datetime) -> Hours:
    """What its attempts cost in each whole hour of the last weeks, from the first that cost anything on."""
    end = at.replace(minute=0, second=0, microsecond=0)
    bound = {"start": end - LOOK_BACK, "end": end, **scope_of(budget)}
    rows = dict(ledger.read(sqlfiles.text("budgets/hours"), bound).rows())
    last = (end - EPOCH) // HOUR
    first = min(rows, default=last)
    return Hours(EPOCH + HOUR * first, tuple(rows.get(hour) or 0.0 for hour in range(first, last)))


def scope_of(budget: Budget) -> dict[str, object]:
    """A value, or none, for each dimension that queries about budgets bind."""
    return {name: budget.scope.get(name) for name in SCOPES}
