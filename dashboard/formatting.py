"""Figures and names as people read them. Nothing here is HTML or Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import polars as pl

from analytics.figures import dollars

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "\N{EN DASH}"
_UNPRINTABLE = r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]"
_LONGEST = 160
_MANIFOLD = 10
_OUTCOMES = {"success": "answered", "failure": "failed", "cancelled": "given up", "abandoned": "given up"}
_SCALES = ((Decimal(10**12), "T"), (Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))

Direction = Literal["normal", "inverse", "off"]


@dataclass(frozen=True)
class Change:
    """A change against the previous period: its text, None when there is nothing to compare with."""

    text: str | None
    direction: Direction = "off"
    """``normal``: more is better, ``inverse``: less is better, ``off``: neither."""


UNCHANGED = Change("same")


def money(amount: Decimal | None) -> str:
    """US dollars: cents from one cent up, two significant digits below, three with a unit from 100,000 up."""
    if amount is None:
        return UNKNOWN
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    if size >= 100_000:  # noqa: PLR2004 - from here cents are noise
        return f"{sign}${_scaled(size)}"
    return f"{sign}${dollars(size)}"


def count(number: int | None) -> str:
    """A whole number, with a unit from 10,000 up."""
    if number is None:
        return UNKNOWN
    return f"{number:,}" if abs(number) < 10_000 else _scaled(Decimal(number))  # noqa: PLR2004 - five digits are long


def share(part: float | None) -> str:
    """A share as percent. Rounding never makes it look like none or all."""
    if part is None:
        return UNKNOWN
    if 0 < part < 0.0001:  # noqa: PLR2004 - what two decimals can show
        return "<0.01%"
    if 0.9999 < part < 1:  # noqa: PLR2004 - what two decimals can show
        return ">99.99%"
    return f"{part:.2%}" if part not in {0, 1} else f"{part:.0%}"


def priced(part: float | None) -> str | None:
    """How much of an amount of money is known, as it stands beside it; None where nothing was used."""
    if part is None:
        return None
    return "all priced" if part == 1 else f"{share(part)} priced"


def rough_share(part: float) -> str:
    """A share as percent where `share` would say more than is needed."""
    return f"{part:.1%}" if 0 < part < 1 else f"{part:.0%}"


def duration(microseconds: float | None) -> str:
    """A length of time in the two largest units that matter."""
    if microseconds is None:
        return UNKNOWN
    seconds = microseconds / 1_000_000
    if round(seconds, 3) < 1:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.2f} s" if round(seconds, 2) < 10 else f"{seconds:.1f} s"  # noqa: PLR2004 - four digits
    whole = round(seconds)
    units = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    first = next(place for place, (size, _) in enumerate(units) if size)
    return " ".join(f"{size} {unit}" for size, unit in units[first : first + 2] if size)


def relative(now: Decimal | float | None, before: Decimal | float | None, direction: Direction) -> Change:
    """How much more or less in percent of before, or how many times as much.

    Nothing when either is unknown or there was none before.
    """
    if now is None or not before:
        return Change(None)
    ratio = Decimal(str(now)) / Decimal(str(before))
    if ratio >= _MANIFOLD:
        return Change(f"×{_scaled(ratio)}", direction)  # noqa: RUF001 - the sign for times is meant
    return _signed(float((ratio - 1) * 100), "%", direction)


def points(now: float | None, before: float | None, direction: Direction) -> Change:
    """How much more or less in percentage points; nothing when either is unknown."""
    if now is None or before is None:
        return Change(None)
    return _signed((now - before) * 100, " pp", direction)


def clean(text: str) -> str:
    """A name from outside, fit to show: control and bidi characters replaced, and no longer than a line."""
    return str(clean_all([text])[0])


def clean_all(texts: Sequence[str | None] | pl.Series) -> pl.Series:
    """`clean` for a column; None stays None."""
    return pl.Series(texts, dtype=pl.String).to_frame("text").select(cleaned("text"))["text"]


def cleaned(column: str) -> pl.Expr:
    """`clean` as an expression."""
    safe = pl.col(column).str.replace_all(_UNPRINTABLE, "\N{REPLACEMENT CHARACTER}")
    return pl.when(safe.str.len_chars() > _LONGEST).then(safe.str.head(_LONGEST) + "…").otherwise(safe).alias(column)


def outcomes(column: str) -> pl.Expr:
    """How attempts or requests ended, as pages call it."""
    return pl.col(column).replace_strict(_OUTCOMES, default="unknown")


def _signed(value: float, unit: str, direction: Direction) -> Change:
    digits = 1 if abs(value) < 100 else 0  # noqa: PLR2004 - three digits are enough
    text = f"{value:+,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return UNCHANGED
    return Change(f"{text}{unit}", direction)


def _scaled(size: Decimal) -> str:
    for scale, unit in _SCALES:
        if abs(size) >= scale * Decimal("0.9995"):
            value = size / scale
            digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0  # noqa: PLR2004 - three digits
            return f"{value:,.{digits}f}{unit}"
    return f"{size:,.0f}"
