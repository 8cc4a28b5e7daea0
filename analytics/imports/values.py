"""What export files hold, which may all be text, as what events hold. Nothing is guessed: unknown is None."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from collector.values import LARGEST_AMOUNT, LARGEST_COUNT
from scalix.events import PICODOLLARS
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIEST_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))
_MILLISECONDS = 10**11
"""Numbers above are milliseconds since 1970, up to the year 5138; below, seconds up to the same year."""


class BadRecordError(ValueError):
    """A record that cannot become an event; the message says why, naming the field and the value."""


def moment_us(value: object) -> int | None:
    """A moment in ISO 8601 (without a zone it is UTC), or in seconds or milliseconds since 1970; None for nothing.

    Raises BadRecordError for anything else.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return to_us(value if value.tzinfo else value.replace(tzinfo=UTC))
    number = _number(value)
    if number is not None:
        return int((number / 1000 if number >= _MILLISECONDS else number) * 1_000_000)
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise BadRecordError(f"{str(value)[:40]!r} is no moment") from None
    return to_us(found if found.tzinfo else found.replace(tzinfo=UTC))


def start_us(record: Mapping[str, Any], name: str, *, latest_us: int) -> int:
    """When a call began. Raises BadRecordError when that is unknown, before 2000, or after ``latest_us``."""
    found = moment_us(record.get(name))
    if found is None:
        raise BadRecordError(f"{name} is missing")
    if not EARLIEST_US <= found <= latest_us:
        raise BadRecordError(f"{name} {record[name]!s:.40} lies before 2000 or in the future")
    return found


def whole(value: object) -> int | None:
    """A count; None for nothing. Raises BadRecordError for what is none: negative, a fraction, text."""
    if value is None or value == "":
        return None
    number = _number(value)
    if number is None or number != int(number) or not 0 <= number <= LARGEST_COUNT:
        raise BadRecordError(f"{str(value)[:40]!r} is no number of tokens")
    return int(number)


def dollars_pusd(value: object) -> int | None:
    """Dollars as picodollars; None for nothing and for what is no amount, such as NaN or less than zero."""
    number = _number(value)
    if number is None or not 0 <= number < LARGEST_AMOUNT:
        return None
    return int((number * PICODOLLARS).to_integral_value())


def boolean(value: object) -> bool | None:
    """True or False, also as text in any case."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).strip().lower())


def nested(value: object) -> Any:
    """What a field holds as JSON text in CSV, and as it is elsewhere; None for what is neither."""
    if not isinstance(value, str):
        return value
    if value[:1] not in {"{", "["}:
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return None


def first(record: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that holds something."""
    return next((found for name in names if (found := record.get(name)) is not None and found != ""), None)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
