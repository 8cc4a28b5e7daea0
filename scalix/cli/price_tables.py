"""Own prices as they are typed or written in TOML, turned into events."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from analytics.pricing.facts import ANY, FACTOR, STANDARD
from analytics.pricing.matching import model_name, provider_name
from analytics.pricing.meters import METERS
from scalix.cli.moments import moment_of
from scalix.errors import SettingsError
from scalix.events import PriceEvent
from scalix.times import EPOCH, now_us, to_us

_FIELDS = frozenset({"provider", "model", "amounts", "from", "to", "above_tokens", "tier", "region", "reason"})


def events_of(table: dict[str, Any]) -> list[PriceEvent]:
    """One event per amount of a table. Raises SettingsError."""
    unknown = table.keys() - _FIELDS
    needed = (("provider", str), ("model", str), ("amounts", dict))
    if unknown or not all(table.get(name) and isinstance(table[name], kind) for name, kind in needed):
        raise SettingsError(
            f"a price needs provider, model and amounts, and knows no {', '.join(sorted(unknown)) or 'others'}: "
            "scalix prices set openai gpt-4o input=2.5 output=10"
        )
    return [_event(table, meter, amount) for meter, amount in table["amounts"].items()]


def _event(table: dict[str, Any], meter: str, amount: object) -> PriceEvent:
    if meter not in (*METERS, FACTOR):
        raise SettingsError(f"{meter!r} is no meter; use one of {', '.join((*METERS, FACTOR))}")
    start, end = moment_of(table.get("from")), moment_of(table.get("to"))
    provider = provider_name(table["provider"])
    try:
        return PriceEvent(
            at_us=now_us(),
            provider=provider,
            model=model_name(provider, table["model"]),
            meter=meter,
            amount=None if str(amount) == "none" else Decimal(str(amount)),
            above_tokens=int(table.get("above_tokens") or 0),
            service_tier=table.get("tier") or (ANY if meter == FACTOR else STANDARD),
            region=table.get("region") or ANY,
            valid_from_us=to_us(start or EPOCH),
            valid_to_us=None if end is None else to_us(end),
            source=table.get("reason"),
        )
    except InvalidOperation as error:
        raise SettingsError(f"{meter}={amount} is no number; give e.g. {meter}=2.5") from error
    except ValueError as error:
        raise SettingsError(f"{meter}={amount} is not a price: {error}; give e.g. {meter}=2.5") from error


def pair(text: str) -> tuple[str, str]:
    """METER=AMOUNT in two. Raises SettingsError."""
    meter, equals, amount = text.partition("=")
    if not equals:
        raise SettingsError(f"{text!r} is not METER=AMOUNT; give e.g. input=2.5")
    return meter, amount
