"""What an account may do: models, dollars in a window, requests and tokens a minute, calls at once."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import msgspec

from analytics.budgets.windows import Window
from scalix.errors import SettingsError
from scalix.events import PICODOLLARS
from scalix.times import MICROSECONDS, from_us, to_us

MOST_USD = 1_000_000
MOST_COUNT = 10**12
CALENDAR = {"1mo": "month", "month": "month", "week": "week", "day": "day", "hour": "hour"}
"""Windows of the calendar in UTC; LiteLLM writes a month as ``1mo``."""
_LENGTH = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """None, and no models, is no limit."""

    budget_pusd: int | None = None
    window: str | None = None
    """How long the budget lasts until it begins anew; without one it never does."""
    degrade_percent: int | None = None
    """From this share of the budget on, calls go to the cheapest deployment of their group."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    parallel: int | None = None
    models: tuple[str, ...] = ()

    @property
    def budget_usd(self) -> Decimal | None:
        """The budget in dollars."""
        return None if self.budget_pusd is None else Decimal(self.budget_pusd) / PICODOLLARS

    def over(self, other: Limits) -> Limits:
        """These limits, and the other's where these say nothing."""
        own = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) not in {None, ()}}
        return msgspec.structs.replace(other, **own)


_decode = msgspec.json.Decoder(Limits).decode


def from_json(text: str) -> Limits:
    """Limits as they are kept."""
    return _decode(text)


def to_json(limits: Limits) -> str:
    """Limits to be kept. Raises SettingsError for what is none."""
    return msgspec.json.encode(checked(limits)).decode()


def checked(limits: Limits) -> Limits:
    """The limits themselves. Raises SettingsError naming the one that cannot be."""
    budget = limits.budget_pusd
    if budget is not None and not 0 < budget < MOST_USD * PICODOLLARS:
        raise SettingsError(f"a budget of {limits.budget_usd} dollars cannot be: give more than 0, below {MOST_USD:,}")
    if limits.window is not None and limits.window not in CALENDAR and not _LENGTH.fullmatch(limits.window):
        raise SettingsError(f"window {limits.window} is none: choose hour, day, week, month, or a length such as 30d")
    if limits.window is not None:
        window_end(limits.window, 0, 0)
    percent = limits.degrade_percent
    if percent is not None and not 0 < percent <= 100:  # noqa: PLR2004 - percent
        raise SettingsError(f"{percent} is no share of a budget: give 1 to 100 percent")
    for name in ("requests_per_minute", "tokens_per_minute", "parallel"):
        count = getattr(limits, name)
        if count is not None and not 0 <= count <= MOST_COUNT:
            raise SettingsError(f"{name.replace('_', ' ')} of {count} cannot be: give 0 or more")
    return limits


def pusd(dollars: Decimal) -> int:
    """Dollars as whole picodollars. Raises SettingsError for what is no amount."""
    if not dollars.is_finite():
        raise SettingsError(f"{dollars} is no amount: give dollars, such as 10 or 0.5")
    return int(dollars * PICODOLLARS)


def seconds(length: str) -> int:
    """A length of time such as ``45s``, ``30m``, ``12h`` or ``30d``. Raises SettingsError."""
    found = _LENGTH.fullmatch(length)
    if not found or not int(found[1]):
        raise SettingsError(f"{length} is no length of time: write it as 30d, 12h, 45m or 30s")
    return int(found[1]) * _SECONDS[found[2]]


def window_end(window: str, began_us: int, now_us: int) -> int:
    """When the window around this moment ends. Lengths repeat from when the account began. Raises SettingsError."""
    if window in CALENDAR:
        return to_us(Window(CALENDAR[window]).span(from_us(now_us))[1])
    length = timedelta(seconds=seconds(window)) // timedelta(microseconds=1)
    passed = max(now_us - began_us, 0) // length
    return began_us + (passed + 1) * length


def expiry(length: str | None, now_us: int) -> int | None:
    """The moment so long from now; None for never."""
    return None if length is None else now_us + seconds(length) * MICROSECONDS
