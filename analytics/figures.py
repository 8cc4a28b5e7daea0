"""Numbers as people read them: rounded, and never so far that one looks like nothing or like a whole."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")
_DIGITS = range(4, 17)
_LONG = 10_000


def decimals(amount: Decimal) -> int:
    """Of an amount of money: cents from one cent up, two significant digits below."""
    size = abs(amount)
    return 2 if size == 0 or size >= CENT else 1 - size.adjusted()


def dollars(amount: Decimal) -> str:
    """An amount in digits, without its currency."""
    return f"{amount:,.{decimals(amount)}f}"


def short(number: float) -> str:
    """Four significant digits, all of a whole number, and as many more as tell one from the whole number beside it."""
    if number.is_integer() or abs(number) >= _LONG:
        return f"{number:,.0f}"
    texts = (f"{number:.{digits}g}" for digits in _DIGITS)
    return next((text for text in texts if not float(text).is_integer()), f"{number}")
