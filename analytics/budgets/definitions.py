"""What a budget is: an amount, a window, what counts toward it, and what happens at which share of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from analytics.budgets.windows import Window
from analytics.toml_tables import definitions_of
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

Action = Literal["warn", "degrade", "block"]
SCOPES = (
    "provider",
    "model",
    "model_group",
    "deployment",
    "team",
    "user",
    "end_user",
    "key",
    "tag",
    "application",
)
MOST_USD = Decimal(10**12)
MOST_PERCENT = 1000


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At so many percent of the amount: warn, have routing choose cheaper deployments, or block."""

    percent: int
    action: Action = "warn"


DEFAULT_THRESHOLDS = (Threshold(50), Threshold(80), Threshold(100))


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One budget. ``scope`` names values that an attempt must have, all of them; empty is everything."""

    name: str
    amount_usd: Decimal
    window: str = "month"
    zone: str = "UTC"
    scope: dict[str, str] = {}
    thresholds: tuple[Threshold, ...] = DEFAULT_THRESHOLDS
    channels: tuple[str, ...] = ()
    """Where alerts go; without any, to every channel."""

    @property
    def period(self) -> Window:
        """The window, checked."""
        return Window(self.window, self.zone)


def checked(budget: Budget) -> Budget:
    """The budget itself. Raises SettingsError naming what cannot be."""
    where = f"budget {budget.name}"
    if not budget.name or len(budget.name) > 100 or not budget.name.isprintable():  # noqa: PLR2004 - fits a page
        raise SettingsError("a budget needs a printable name of up to 100 characters")
    if not (budget.amount_usd.is_finite() and 0 < budget.amount_usd <= MOST_USD):
        raise SettingsError(f"{where}: {budget.amount_usd} is no amount; give dollars above 0")
    unknown = [name for name in budget.scope if name not in SCOPES]
    if unknown:
        raise SettingsError(f"{where}: nothing is called {unknown[0]}; choose of {', '.join(SCOPES)}")
    for threshold in budget.thresholds:
        if not 0 < threshold.percent <= MOST_PERCENT:
            raise SettingsError(f"{where}: a threshold of {threshold.percent} % cannot be; give 1 to {MOST_PERCENT}")
    _ = budget.period
    return budget


def from_json(text: str | bytes) -> Budget:
    """A budget out of its JSON. Raises SettingsError."""
    try:
        return checked(msgspec.json.decode(text, type=Budget))
    except msgspec.MsgspecError as error:
        raise SettingsError(f"that is no budget: {error}") from error


def to_json(budget: Budget) -> str:
    """The budget as JSON, amounts as text."""
    return msgspec.json.encode(budget).decode()


def from_toml(path: Path) -> list[Budget]:
    """The ``[[budget]]`` tables of a file. Raises SettingsError."""
    return [checked(budget) for budget in definitions_of(path, "budget", Budget)]
