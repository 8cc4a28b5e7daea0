"""LiteLLM's shapes: what its clients send becomes limits, and what there is becomes what they read."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from analytics.access import limits as limits_
from analytics.access.limits import Limits
from analytics.access.pepper import START
from scalix.errors import SettingsError
from scalix.times import from_us, now_us

if TYPE_CHECKING:
    from analytics.access.accounts import Account
    from analytics.access.keys import Key

LONGEST = 256
_COUNTS = {
    "rpm_limit": "requests_per_minute",
    "tpm_limit": "tokens_per_minute",
    "max_parallel_requests": "parallel",
    "degrade_percent": "degrade_percent",
}


def limits_in(fields: dict[str, Any], before: Limits | None = None) -> Limits:
    """Limits out of a request, over those that there were; null takes one away. Raises SettingsError."""
    given: dict[str, Any] = {}
    if "max_budget" in fields:
        given["budget_pusd"] = _pusd(fields["max_budget"])
    if "budget_duration" in fields:
        given["window"] = text(fields, "budget_duration")
    for name, ours in _COUNTS.items():
        if name in fields:
            given[ours] = count(fields, name)
    if "models" in fields:
        given["models"] = tuple(texts(fields, "models"))
    return limits_.checked(Limits(**{**_fields(before or Limits()), **given}))


def _fields(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in limits.__struct_fields__}


def given_limits(fields: dict[str, Any]) -> bool:
    """Whether a request says anything about limits."""
    return bool(fields.keys() & {"max_budget", "budget_duration", "models", *_COUNTS})


def shown_limits(limits: Limits) -> dict[str, Any]:
    """Limits as LiteLLM names them."""
    return {
        "max_budget": None if limits.budget_usd is None else float(limits.budget_usd),
        "budget_duration": limits.window,
        "degrade_percent": limits.degrade_percent,
        "rpm_limit": limits.requests_per_minute,
        "tpm_limit": limits.tokens_per_minute,
        "max_parallel_requests": limits.parallel,
        "models": list(limits.models),
    }


def shown_account(account: Account) -> dict[str, Any]:
    """What an account has used and may use."""
    return {
        **shown_limits(account.limits),
        "spend": float(account.spent_usd),
        "reserved": float(account.reserved_usd),
        "remaining": None if account.left_usd is None else float(account.left_usd),
        "budget_id": account.budget_id,
        "budget_reset_at": moment(account.window_end_us),
        "blocked": account.blocked,
        "created_at": moment(account.created_us),
        "last_used_at": moment(account.last_used_us),
    }


def shown_key(key: Key) -> dict[str, Any]:
    """A key without what is secret of it."""
    return {
        "token": key.id,
        "key_name": f"{START}…",
        "key_alias": key.account.alias,
        "user_id": key.user_id,
        "team_id": key.team_id,
        "tags": list(key.tags),
        "expires": moment(key.expires_us),
        **shown_account(key.account),
    }


def moment(at_us: int | None) -> str | None:
    """A moment as ISO 8601."""
    return None if at_us is None else from_us(at_us).isoformat()


def expiry(fields: dict[str, Any]) -> int | None:
    """The moment that ``duration`` names. Raises SettingsError."""
    return limits_.expiry(text(fields, "duration"), now_us())


def needed(fields: dict[str, Any], name: str) -> str:
    """A text that has to be there. Raises SettingsError."""
    found = text(fields, name)
    if not found:
        raise SettingsError(f"{name} is missing")
    return found


def text(fields: dict[str, Any], name: str) -> str | None:
    """A text, or None. Raises SettingsError."""
    value = fields.get(name)
    if value is not None and not (isinstance(value, str) and value.isprintable() and len(value) <= LONGEST):
        raise SettingsError(f"{name} must be printable text of up to {LONGEST} characters")
    return value


def texts(fields: dict[str, Any], name: str) -> list[str]:
    """A list of texts, none by default. Raises SettingsError."""
    value = fields.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= LONGEST for one in value):
        raise SettingsError(f"{name} must be a list of texts")
    return value


def count(fields: dict[str, Any], name: str) -> int | None:
    """A whole number, or None. Raises SettingsError."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
        raise SettingsError(f"{name} must be a whole number")
    return int(value)


def _pusd(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return limits_.pusd(Decimal(str(value)))
    except InvalidOperation as error:
        raise SettingsError(f"max_budget {value} is no amount") from error
