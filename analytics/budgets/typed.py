"""Budgets as people type them: amounts, what counts, and thresholds, on the command line and the page alike."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, get_args

from analytics.budgets.definitions import DEFAULT_THRESHOLDS, Action, Budget, Threshold, checked
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACTIONS: tuple[Action, ...] = get_args(Action)


def typed(
    name: str,
    amount: str,
    *,
    window: str,
    zone: str,
    scope: Iterable[str] = (),
    at: Iterable[str] = (),
    channels: Iterable[str] = (),
) -> Budget:
    """A budget of what was typed; ``scope`` as ``team=search``, ``at`` as ``80`` or ``100=block``.

    Raises SettingsError naming what cannot be.
    """
    given = Budget(
        name=name,
        amount_usd=dollars(amount),
        window=window,
        zone=zone,
        scope=dict(map(pair, scope)),
        thresholds=tuple(map(_threshold, at)) or DEFAULT_THRESHOLDS,
        channels=tuple(channels),
    )
    return checked(given)


def dollars(text: str) -> Decimal:
    """An amount. Raises SettingsError."""
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise SettingsError(f"{text} is no amount; give dollars, such as 250 or 0.5") from error


def scope_text(budget: Budget) -> str:
    """What counts, as it is typed, with commas."""
    return ", ".join(f"{name}={value}" for name, value in budget.scope.items())


def thresholds_text(budget: Budget) -> str:
    """The thresholds, as they are typed, with commas."""
    return ", ".join(
        f"{one.percent}" if one.action == "warn" else f"{one.percent}={one.action}" for one in budget.thresholds
    )


def pair(text: str) -> tuple[str, str]:
    """What counts, of ``team=search``. Raises SettingsError."""
    name, sign, value = text.partition("=")
    if not sign or not value.strip():
        raise SettingsError(f"{text} does not say what counts: write it as team=search")
    return name.strip(), value.strip()


def _threshold(text: str) -> Threshold:
    percent, _, named = text.strip().partition("=")
    action = next((one for one in _ACTIONS if one == (named.strip() or "warn")), None)
    number = percent.rstrip(" %")
    if not number.isdecimal() or action is None:
        raise SettingsError(
            f"{text} is no threshold: write a percentage, or 100=block; actions are warn, degrade, block"
        )
    return Threshold(int(number), action)
