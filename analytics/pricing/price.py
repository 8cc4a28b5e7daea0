"""The arithmetic: quantities times prices, exact to the last digit, rounded half-even once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce
from typing import TYPE_CHECKING

from analytics.pricing.meters import INSTEAD_OF_TOKENS, METERS, TOKEN_CLASSES, Quantities
from analytics.pricing.rates import Circumstances, Rates, rates

if TYPE_CHECKING:
    from analytics.pricing.facts import InForce, PriceFact

COST_DIGITS = Decimal("1e-12")
MOST_USD = Decimal(1_000_000)
"""An attempt's cost is DECIMAL(18,12); what does not fit is not booked."""
MOST_UNITS = 10**11
"""More than this of anything is a mistake of whoever counted, not a quantity."""
MILLION = Decimal(1_000_000)
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Line:
    """One product of the sum: ``quantity`` of ``meter`` at the price ``fact`` states, in unrounded USD."""

    meter: str
    quantity: int | Decimal
    fact: PriceFact
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class Priced:
    """What a call costs and why. ``cost_usd`` is None when a quantity that was used has no price."""

    cost_usd: Decimal | None
    lines: tuple[Line, ...]
    unpriced: tuple[str, ...]
    factor: Decimal
    factors: tuple[PriceFact, ...]


def price(quantities: Quantities, facts: InForce, now: Circumstances) -> Priced:
    """The cost of one call. ``facts`` are those of its model in force when it started.

    Each quantity is billed once, at the price of its own meter or of the one that stands in for it. A call of which
    no quantity at all is known has no cost.
    """
    found = rates(facts, now)
    used = _billed(quantities, found)
    lines = tuple(_line(meter, used[meter], found) for meter in METERS if meter in used and meter in found.facts)
    unpriced = tuple(meter for meter in used if meter not in found.facts)
    total = reduce(_EXACT.add, (line.amount_usd for line in lines), Decimal(0))
    cost = total.quantize(COST_DIGITS, rounding=ROUND_HALF_EVEN, context=_EXACT)
    possible = cost < MOST_USD and all(quantity <= MOST_UNITS for quantity in used.values())
    known = bool(quantities) and not unpriced and possible
    return Priced(cost if known and found.facts else None, lines, unpriced, found.factor, found.factors)


def _billed(quantities: Quantities, found: Rates) -> dict[str, int | Decimal]:
    """What is charged for: a search per search or once per prompt, an image per image or per pixel, never both.

    Who counts tokens bills by them, and not by the images, seconds or characters that they stand for.
    """
    billed = {meter: quantity for meter, quantity in quantities.items() if quantity > 0}
    if not billed.keys().isdisjoint(TOKEN_CLASSES):
        billed = {meter: quantity for meter, quantity in billed.items() if meter not in INSTEAD_OF_TOKENS}
    if billed.get("output_image") and billed.get("output_pixel"):
        billed.pop("output_pixel" if "output_image" in found.facts else "output_image")
    if billed.get("web_search") and "web_search" not in found.facts and "searched_prompt" in found.facts:
        billed.pop("web_search")
        billed["searched_prompt"] = 1
    if "request" in found.facts:
        billed["request"] = 1
    return billed


def _line(meter: str, quantity: int | Decimal, found: Rates) -> Line:
    fact = found.facts[meter]
    unit = fact.amount if fact.amount is not None else Decimal(0)
    product = _EXACT.multiply(_EXACT.multiply(Decimal(quantity), unit), found.factor)
    return Line(meter, quantity, fact, _EXACT.divide(product, MILLION))
