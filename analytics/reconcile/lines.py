"""Lines of a provider's usage and cost exports, in one form whatever the export, and what could not be read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from scalix.errors import ScalixError

Record = Mapping[str, Any]
"""One row of an export; of the APIs that answer in buckets of time, a result with the fields of its bucket."""
PICODOLLAR = Decimal("1e-12")
_EXACT = Context(prec=60)
_MOST = 10**18
_TEXT_SHOWN = 120
_US_DATE = "%m/%d/%Y"


class RecordError(ScalixError):
    """One record of an export cannot be used; the message says why."""


@dataclass(frozen=True)
class Line:
    """What a provider states about a day: tokens, requests, an amount, or several of these; None is not stated."""

    day: date
    provider: str
    """As LiteLLM names it."""
    model: str | None = None
    text: str = ""
    """The description of what was sold, where the export names no model."""
    tokens: Mapping[str, int] | None = None
    """By token class, disjoint."""
    requests: int | None = None
    amount_usd: Decimal | None = None


@dataclass(frozen=True)
class Rejected:
    """A record that was set aside."""

    file: str
    record: int
    """Its place in the file, from 1 on."""
    reason: str
    text: str
    """Its beginning."""


@dataclass
class Statement:
    """Everything that was read out of some exports."""

    lines: list[Line] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    passed_over: int = 0
    """Records about something other than calls of language models."""
    merged: dict[str, dict[str, str]] = field(default_factory=dict)
    """By provider: token classes that its exports do not tell apart, and the class under which they are counted."""

    def reject(self, file: str, place: int, reason: str, record: object) -> None:
        """Set a record aside."""
        self.rejected.append(Rejected(file, place, reason, repr(record)[:_TEXT_SHOWN]))


def required(record: Record, *names: str) -> Any:
    """The value under the first of these names that the record has. Raises RecordError."""
    value = optional(record, *names)
    if value is None:
        raise RecordError(f"it has no {names[0]}")
    return value


def optional(record: Record, *names: str) -> Any:
    """The same, None where the record has none of them or an empty one."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def amount_of(value: object, name: str) -> Decimal:
    """An amount of money, to the picodollar. Raises RecordError."""
    try:
        amount = Decimal(str(value).replace(",", ""))
    except InvalidOperation as error:
        raise RecordError(f"{name} is {value!r}, which is no number") from error
    if isinstance(value, bool) or not amount.is_finite() or abs(amount) > _MOST:
        raise RecordError(f"{name} is {value!r}, which is no number that can be")
    return amount.quantize(PICODOLLAR, context=_EXACT)


def in_usd(amount: Decimal, currency: object) -> Decimal:
    """The amount, given that its currency is the dollar. Raises RecordError: what a rate was is not guessed."""
    if str(currency).strip().upper() != "USD":
        raise RecordError(f"its amount is in {currency}; only USD can be compared with what was recorded")
    return amount


def count_of(value: object, name: str) -> int:
    """A whole number from 0 on. Raises RecordError."""
    count = amount_of(value, name)
    if count != count.to_integral_value() or count < 0:
        raise RecordError(f"{name} is {value!r}, which is no count")
    return int(count)


def day_of(value: object, name: str) -> date:
    """The UTC day of a moment: seconds since 1970, ISO 8601, or a US date. Raises RecordError."""
    text = str(value).strip().replace(" UTC", "+00:00")
    try:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return datetime.fromtimestamp(int(value), UTC).date()
        if "/" in text:
            return datetime.strptime(text, _US_DATE).replace(tzinfo=UTC).date()
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    except (ValueError, OverflowError, OSError) as error:
        raise RecordError(f"{name} is {value!r}, which is no date") from error
