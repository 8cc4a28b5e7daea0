"""Why did it change: the difference between the spending of two periods as an exact sum of parts.

The spending of one cell (one value of a dimension, one provider, one model) is the product of six factors::

    calls * share * tokens * cache * price * retries

    calls     successful priced attempts of the whole period, over all cells
    share     the cell's part of them
    tokens    tokens per call, weighted by list price, as if nothing had come from a cache
    cache     what caching leaves of that: list price with cache classes over list price without
    price     what was paid for one dollar at the list prices used as weights
    retries   what was paid in all for each dollar paid for successful attempts

The difference is divided among the factors by their Shapley values (Shapley 1953; for decompositions of this kind Sun
1998, Albrecht et al. 2002): the mean, over all orders in which the factors could have changed one after the other, of
what each change adds. So no factor is favoured by its place, nothing is left over, and the parts add up exactly. All
arithmetic is in fractions; amounts are rounded to picodollars so that they still add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

from scalix.events import PICODOLLARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CAUSES = ("volume", "mix", "tokens", "cache", "price", "retries")
"""The parts, in the order of the factors above."""
_COUNT = len(CAUSES)
_WEIGHTS = tuple(Fraction(factorial(size) * factorial(_COUNT - 1 - size), factorial(_COUNT)) for size in range(_COUNT))
_ONE = Fraction(1)
_EXACT = Context(prec=400)
"""Parts can be far larger than the difference they add up to; no digit of them is rounded away."""
_RETRIES = CAUSES.index("retries")


@dataclass(frozen=True)
class Side:
    """One cell in one period. Only attempts of known cost are in it."""

    calls: int = 0
    """Successful attempts."""
    useful_usd: Decimal = Decimal(0)
    """What they cost."""
    wasted_usd: Decimal = Decimal(0)
    """What attempts that were no success cost."""
    list_usd: Decimal = Decimal(0)
    """The tokens of successful attempts at list prices, whatever was paid."""
    uncached_usd: Decimal = Decimal(0)
    """The same if every token read from or written to a cache were plain input."""

    @property
    def spent_usd(self) -> Decimal:
        """All of it."""
        return _EXACT.add(self.useful_usd, self.wasted_usd)


@dataclass(frozen=True)
class Cell:
    """The attempts of one value of a dimension, further divided so that one price list holds for all of them."""

    value: str | None
    before: Side
    after: Side


@dataclass(frozen=True)
class Change:
    """How one value's spending changed. ``parts`` has an amount for each cause; they add up to ``difference_usd``."""

    value: str | None
    before_usd: Decimal
    after_usd: Decimal
    parts: dict[str, Decimal]

    @property
    def difference_usd(self) -> Decimal:
        """After less before."""
        return _EXACT.subtract(self.after_usd, self.before_usd)


@dataclass(frozen=True)
class Split:
    """The whole difference: by cause, and by value, the largest change first. Both ways it adds up exactly."""

    changes: tuple[Change, ...]

    @property
    def before_usd(self) -> Decimal:
        """The spending of the earlier period."""
        return total(change.before_usd for change in self.changes)

    @property
    def after_usd(self) -> Decimal:
        """The spending of the later period."""
        return total(change.after_usd for change in self.changes)

    @property
    def difference_usd(self) -> Decimal:
        """After less before."""
        return _EXACT.subtract(self.after_usd, self.before_usd)

    @property
    def parts(self) -> dict[str, Decimal]:
        """The difference by cause."""
        return {cause: total(change.parts[cause] for change in self.changes) for cause in CAUSES}


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, to the last digit."""
    result = Decimal(0)
    for amount in amounts:
        result = _EXACT.add(result, amount)
    return result


def split(cells: Iterable[Cell]) -> Split:
    """Divide the difference between two periods. Several cells may have the same value; they are added up."""
    given = list(cells)
    calls = (sum(cell.before.calls for cell in given), sum(cell.after.calls for cell in given))
    by_value: dict[str | None, list[Cell]] = {}
    for cell in given:
        by_value.setdefault(cell.value, []).append(cell)
    changes = [_change(value, of_value, calls) for value, of_value in by_value.items()]
    changes.sort(key=lambda change: (change.difference_usd.copy_abs().copy_negate(), change.value or ""))
    return Split(tuple(changes))


def _change(value: str | None, cells: Sequence[Cell], calls: tuple[int, int]) -> Change:
    parts = [sum(column, Fraction(0)) for column in zip(*(_parts(cell, calls) for cell in cells), strict=True)]
    before = total(cell.before.spent_usd for cell in cells)
    after = total(cell.after.spent_usd for cell in cells)
    return Change(value, before, after, dict(zip(CAUSES, rounded(parts), strict=True)))


def _parts(cell: Cell, calls: tuple[int, int]) -> list[Fraction]:
    """One amount per cause. Waste that no successful attempt stands beside is all counted under retries."""
    alone = any(side.wasted_usd and not (side.calls and side.useful_usd) for side in (cell.before, cell.after))
    sides = [_without_waste(side) if alone else side for side in (cell.before, cell.after)]
    before, after = _factors(sides, calls)
    parts = [_shapley(place, before, after) for place in range(_COUNT)]
    if alone:
        parts[_RETRIES] += Fraction(cell.after.wasted_usd) - Fraction(cell.before.wasted_usd)
    return parts


def _without_waste(side: Side) -> Side:
    return Side(side.calls, side.useful_usd, Decimal(0), side.list_usd, side.uncached_usd)


def _factors(sides: Sequence[Side], calls: tuple[int, int]) -> tuple[list[Fraction], list[Fraction]]:
    """The factors of both periods. A cell that is in one period alone keeps its inner factors in the other."""
    by_token = all(side.list_usd > 0 and side.uncached_usd > 0 for side in sides if side.calls)
    inner = [_inner(side, by_token=by_token) for side in sides]
    before, after = (inner[0] or inner[1], inner[1] or inner[0])
    unknown = [_ONE] * (_COUNT - 2)
    return (
        [*_outer(sides[0], calls[0]), *(before or unknown)],
        [*_outer(sides[1], calls[1]), *(after or unknown)],
    )


def _outer(side: Side, calls: int) -> tuple[Fraction, Fraction]:
    return Fraction(calls), Fraction(side.calls, calls) if calls else Fraction(0)


def _inner(side: Side, *, by_token: bool) -> list[Fraction] | None:
    """Tokens, cache, price, retries. What is not charged by token, or at no known price, has a price per call."""
    if not side.calls:
        return None
    useful, spent = Fraction(side.useful_usd), Fraction(side.spent_usd)
    retries = spent / useful if useful else _ONE
    if not by_token:
        return [_ONE, _ONE, useful / side.calls, retries]
    listed, uncached = Fraction(side.list_usd), Fraction(side.uncached_usd)
    return [uncached / side.calls, listed / uncached, useful / listed, retries]


def _shapley(place: int, before: Sequence[Fraction], after: Sequence[Fraction]) -> Fraction:
    """What one factor's change adds, averaged over all orders.

    The product over the other factors with ``size`` of them changed, summed over all such choices, is the coefficient
    of x^size in the product of (before + after·x).
    """
    step = after[place] - before[place]
    if not step:
        return Fraction(0)
    sums = [_ONE]
    for other in range(_COUNT):
        if other != place:
            old, new = before[other], after[other]
            sums = [
                (sums[size] * old if size < len(sums) else Fraction(0)) + (sums[size - 1] * new if size else 0)
                for size in range(len(sums) + 1)
            ]
    return step * sum((weight * total for weight, total in zip(_WEIGHTS, sums, strict=True)), Fraction(0))


def rounded(parts: Sequence[Fraction]) -> list[Decimal]:
    """Whole picodollars that add up to what the parts add up to: the running sum is rounded, not each part."""
    amounts, running, given = [], Fraction(0), 0
    for part in parts:
        running += part
        until = round(running * PICODOLLARS)
        amounts.append(_EXACT.scaleb(Decimal(until - given), -12))
        given = until
    return amounts
