"""Untrusted values turned into what an event may hold. Nothing here raises, whatever it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .scrub import clean

ID_LIMIT = 256
LARGEST_COUNT = 2**53
PICODOLLARS = 1_000_000_000_000
LARGEST_AMOUNT = 1_000_000
_EARLIEST = 946_684_800.0  # 2000-01-01: anything before is a broken clock or a wrong unit
_LATEST = 4_102_444_800.0  # 2100-01-01

NOTHING: Mapping[str, Any] = {}


def text(value: object, limit: int = ID_LIMIT) -> str | None:
    """A non-empty string, cleaned and bounded; enum members give their value; None for anything else."""
    if type(value) is not str:
        if not isinstance(value, str):
            return None
        value = str.__str__(value)
    if len(value) <= limit and value.isprintable():
        return value or None
    return clean(value, limit)


def identifier(value: object) -> str | None:
    """Like ``text``, but whole numbers count as ids too."""
    if type(value) is str and len(value) <= ID_LIMIT and value.isprintable():
        return value or None
    return str(value) if type(value) is int else text(value)


def texts(*values: Any) -> list[str | None]:
    """Each value as an identifier, empty ones as None. One look at all of them together is enough when all is well."""
    try:
        together = "".join(values)
    except TypeError:
        return [identifier(value) for value in values]
    if len(together) <= 2 * ID_LIMIT and together.isprintable():
        return [str.__str__(value) or None for value in values]
    return [text(value) for value in values]


def count(value: object) -> int | None:
    """A whole number from 0 to 2⁵³, given as int or as an integral float; None for anything else, bool included."""
    if type(value) is int:
        return value if 0 <= value <= LARGEST_COUNT else None
    if type(value) is float and value.is_integer():
        return int(value) if 0 <= value <= LARGEST_COUNT else None
    return None


def flag(value: object) -> bool | None:
    """True or False when that is what was given."""
    return value if type(value) is bool else None


def mapping(value: object) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one."""
    return value if type(value) is dict or isinstance(value, Mapping) else NOTHING


def moment_us(value: object) -> int | None:
    """A datetime (naive means local time, as LiteLLM uses it) or epoch seconds as microseconds since 1970."""
    if type(value) is datetime:
        try:
            value = value.timestamp()
        except (OverflowError, ValueError, OSError):
            return None
    # A float of seconds is exact to the microsecond until 2100.
    return round(value * 1_000_000) if type(value) is float and _EARLIEST < value < _LATEST else None


def pusd(value: object) -> int | None:
    """Dollars as whole picodollars; None for what is no amount: NaN, infinite, negative, a million and more."""
    if (type(value) is float or type(value) is int) and 0 <= value < LARGEST_AMOUNT:
        return round(value * PICODOLLARS)
    return None
