"""How good forecasts are: those that would have been made in the past, against what came.

The pinball loss is the mean over ``forecast.SHARES`` (Koenker and Bassett 1978). What it is compared with is
seasonal-naive: the same hours a week before, or a day before where there is no week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

from analytics.budgets.forecast import HOUR, LEAST_DAYS, SHARES, Hours, forecast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analytics.budgets.windows import Window

WEEK_HOURS, DAY_HOURS = 168, 24


@dataclass(frozen=True)
class Judged:
    """One past forecast: of what was still to be spent from ``at`` to the window's end, and what was."""

    at: datetime
    end: datetime
    foretold: tuple[float, ...]
    naive: float
    found: float

    def covered(self, low: int, high: int) -> bool:
        """Whether what came lies between two of the shares, by their places."""
        return self.foretold[low] <= self.found <= self.foretold[high]

    @property
    def loss(self) -> float:
        """The mean pinball loss of the forecast."""
        return fmean(_pinball(value, self.found, share) for value, share in zip(self.foretold, SHARES, strict=True))

    @property
    def naive_loss(self) -> float:
        """The same of seasonal-naive, which says one value for every share."""
        return fmean(_pinball(self.naive, self.found, share) for share in SHARES)


@dataclass(frozen=True)
class Calibration:
    """All past forecasts that were judged."""

    judged: tuple[Judged, ...]

    @property
    def within_90(self) -> float | None:
        """The share of outcomes inside their 90 % interval; None when nothing was judged."""
        return fmean(one.covered(0, -1) for one in self.judged) if self.judged else None

    @property
    def within_50(self) -> float | None:
        """The same for 50 % intervals."""
        return fmean(one.covered(1, -2) for one in self.judged) if self.judged else None

    @property
    def loss_ratio(self) -> float | None:
        """Pinball loss against seasonal-naive's; below 1 is better. None when that made no error."""
        naive = sum(one.naive_loss for one in self.judged)
        return sum(one.loss for one in self.judged) / naive if naive > 0 else None


def calibration(history: Hours, window: Window, every: timedelta, *, most: int | None = None) -> Calibration:
    """Forecast again at moments of the past, the latest ``most`` of them, with what was known then. Calendars only."""
    moments = list(_moments(history, window, every))
    return Calibration(tuple(_judged(history, window, moments if most is None else moments[-most:])))


def _moments(history: Hours, window: Window, every: timedelta) -> Iterator[datetime]:
    at = history.first + timedelta(days=LEAST_DAYS + 4)
    while at < history.end - HOUR:
        if not window.length and window.span(at)[1] <= history.end:
            yield at
        at += every


def _judged(history: Hours, window: Window, moments: Iterable[datetime]) -> Iterator[Judged]:
    for at in moments:
        _, end = window.span(at)
        made = forecast(history, at=at, end=end, spent_usd=0.0, amount_usd=float("inf"), zone=window.zone)
        if made is not None:
            since, until = (at - history.first) // HOUR, (end - history.first) // HOUR
            found = sum(history.values[since:until])
            yield Judged(at, end, made.at_end, _naive(history, since, until), found)


def _naive(history: Hours, since: int, until: int) -> float:
    season = WEEK_HOURS if since >= WEEK_HOURS else DAY_HOURS
    return sum(history.values[hour - season * ((hour - since) // season + 1)] for hour in range(since, until))


def _pinball(value: float, found: float, share: float) -> float:
    return (found - value) * share if found >= value else (value - found) * (1 - share)
