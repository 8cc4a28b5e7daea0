"""The price book's answers as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.pricing.facts import ANY, STANDARD

if TYPE_CHECKING:
    from decimal import Decimal

    from analytics.pricing.ask import Answer
    from analytics.pricing.facts import PriceFact
    from analytics.pricing.listing import Difference
    from analytics.pricing.repricing import Change


def arithmetic(answer: Answer) -> str:
    """Each product of the sum, and the sum."""
    if answer.priced is None:
        hint = f"; the nearest name is {answer.nearest}" if answer.nearest else ""
        return f"unpriced: the book knows no {answer.provider} {answer.model}{hint}"
    lines = [
        f"{line.meter:>15} {line.quantity:>12} x {_shown(line.fact.amount)} USD per million"
        f"{_terms(line.fact)} = {_shown(line.amount_usd)}"
        for line in answer.priced.lines
    ]
    if answer.priced.factor != 1:
        lines.append(f"{'':>15} all times {_shown(answer.priced.factor)}, included above")
    lines += [f"{meter:>15} has no price" for meter in answer.priced.unpriced]
    total = "unpriced" if answer.cost_usd is None else f"{answer.cost_usd:f} USD"
    return "\n".join([f"{answer.provider} {answer.name}", *lines, f"{'cost':>15} {total}"])


def _terms(fact: PriceFact) -> str:
    key = fact.key
    terms = [f"above {key.above_tokens} prompt tokens"] if key.above_tokens else []
    terms += [key.service_tier] if key.service_tier not in (STANDARD, ANY) else []
    terms += [f"region {key.region}"] if key.region != ANY else []
    terms += ["off-peak"] if key.hours else []
    terms += ["own price"] if fact.origin == "own" else []
    return f" ({', '.join(terms)})" if terms else ""


def fact_line(fact: PriceFact) -> str:
    """One fact in a line."""
    return f"{fact.key.model} {fact.key.meter} {_shown(fact.amount)}{_terms(fact)}, {fact.source or fact.origin}"


def fact_as_dict(fact: PriceFact) -> dict[str, Any]:
    """One fact for JSON: amounts as text, so that no digit is lost."""
    dates = {
        "valid_from": fact.valid_from.isoformat(),
        "valid_to": fact.valid_to and fact.valid_to.isoformat(),
        "known_from": fact.known_from.isoformat(),
    }
    return {**fact.key._asdict(), "amount": _shown(fact.amount), **dates, "origin": fact.origin, "source": fact.source}


def difference_line(one: Difference) -> str:
    """One difference between book and map in a line."""
    key = one.key
    return f"{key.provider} {key.model} {key.meter}: {_shown(one.book)} -> {_shown(one.map)}"


def change_line(one: Change) -> str:
    """One model's recorded cost beside the book's in a line."""
    line = f"{one.provider} {one.model}: {one.attempts} attempts, recorded {_shown(one.recorded_usd)} USD"
    line += f", by the book {_shown(one.book_usd)} USD, {one.differing} differ, {one.unpriced} unpriced"
    return line + (f" (nearest name: {one.nearest})" if one.nearest else "")


def _shown(amount: Decimal | None) -> str:
    return "none" if amount is None else f"{amount.normalize():f}"
