"""Why a bill differs from what was recorded: the gap of one day and model as an exact sum of named parts.

Copies and calls that run past midnight are known row by row, and their cost is taken out first. What then differs in
tokens is valued at the effective prices of what was recorded: list prices, scaled so that the recorded tokens of priced
calls cost what they did cost. So the sum telescopes::

    billed - recorded = day boundary - doubled calls           by rows
                      + (billed - tokens billed at our prices)  price
                      + (unpriced tokens at our prices)         unpriced
                      + (other tokens that differ, at our prices)

A token that is only counted under another class leaves the sum of tokens alone; so where calls are missing, classes in
which too much was recorded have taken over tokens from the others, and only what is left is missing. All arithmetic is
in fractions; parts are rounded to picodollars so that they still add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES
from analytics.spend.split import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from analytics.reconcile.accounts import Account
    from analytics.reconcile.recorded import Cell

PARTS = (
    "missing_calls", "billed_failures", "doubled_calls", "token_classes", "price", "day_boundary", "unpriced", "rest"
)  # fmt: skip
"""In the order in which they are told; ``rest`` is what no other part explains."""
MILLION = 1_000_000
Amounts = dict[str, Fraction]


@dataclass(frozen=True)
class Explanation:
    """One day and model. ``parts`` has an amount for each of ``PARTS``; they add up to ``gap_usd`` exactly."""

    day: date
    provider: str
    model: str | None
    billed_usd: Decimal
    recorded_usd: Decimal
    parts: dict[str, Decimal]
    billed_calls: int | None
    recorded_calls: int
    is_valued: bool
    """No amount was stated: the tokens that were are valued at our prices."""

    @property
    def gap_usd(self) -> Decimal:
        """What was billed beyond what was recorded; negative when more was recorded."""
        return self.billed_usd - self.recorded_usd


def explain(account: Account, prices: Mapping[str, Decimal]) -> Explanation:
    """Divide the gap of one account. ``prices`` are list prices by token class, empty for a model without any."""
    counted = account.counted
    ours = _effective(counted, prices, account)
    billed = _billed(account, ours)
    parts = dict.fromkeys(PARTS, Fraction(0))
    parts["doubled_calls"] -= _cost(account.copies)
    parts["day_boundary"] += _cost(account.moved_in) - _cost(account.moved_out)
    between = billed - _cost(counted)
    if account.billed.tokens is None:
        _without_tokens(account, counted, between, ours, parts)
    else:
        _with_tokens(account, counted, billed, ours, parts)
    (stated,) = rounded([billed])
    gap = Fraction(stated) - Fraction(account.recorded_usd)
    parts["rest"] = gap - sum(parts.values())
    return Explanation(
        account.day,
        account.provider,
        account.model,
        stated,
        account.recorded_usd,
        dict(zip(PARTS, rounded([parts[name] for name in PARTS]), strict=True)),
        account.billed.requests,
        sum(cell.calls for cell in account.began),
        is_valued=account.billed.amount_usd is None and account.billed.tokens is not None,
    )


def _billed(account: Account, ours: Amounts) -> Fraction:
    if account.billed.amount_usd is not None:
        return Fraction(account.billed.amount_usd)
    return _valued(account.billed.tokens or {}, ours)


def _effective(counted: Sequence[Cell], prices: Mapping[str, Decimal], account: Account) -> Amounts:
    """Prices per token at which the priced calls cost what was recorded; else list prices; else those of the bill.

    Calls that were recorded as free make them zero, so that all that was billed for tokens is a difference in price.
    """
    used = _tokens(cell for cell in counted if cell.kind == "priced")
    paid = _cost(counted)
    listed = {name: Fraction(price) / MILLION for name, price in prices.items()}
    at_list = _valued(used, listed)
    if at_list:
        return {name: price * paid / at_list for name, price in listed.items()}
    if listed and not used:
        return listed
    stated = account.billed.tokens or {}
    base, amount = (used, paid) if used else (stated, Fraction(account.billed.amount_usd or 0))
    every = sum(base.values())
    return dict.fromkeys((*INPUT_CLASSES, *OUTPUT_CLASSES), amount / every if every else Fraction(0))


def _with_tokens(account: Account, counted: Sequence[Cell], billed: Fraction, ours: Amounts, parts: Amounts) -> None:
    stated = account.billed.tokens or {}
    unpriced = _tokens(cell for cell in counted if cell.kind == "unpriced")
    known = _tokens(cell for cell in counted if cell.kind == "priced")
    parts["price"] += billed - _valued(stated, ours)
    parts["unpriced"] += _valued(unpriced, ours)
    names = dict.fromkeys((*stated, *unpriced, *known))
    net = {name: stated.get(name, 0) - unpriced.get(name, 0) - known.get(name, 0) for name in names}
    calls = sum(cell.calls for cell in counted if cell.kind != "failed")
    more = None if account.billed.requests is None else account.billed.requests - calls
    moved, left = _told_apart(net, more if more is not None else sum(net.values()))
    parts["token_classes"] += _valued(moved, ours)
    _by_calls(_valued(left, ours), more, [cell for cell in counted if cell.kind == "failed"], parts)


def _told_apart(net: Mapping[str, int], more: int) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Tokens that changed their class, and tokens of calls that only one side has; ``more`` says which side."""
    moved: dict[str, Fraction] = {}
    left: dict[str, Fraction] = {}
    for side in (INPUT_CLASSES, OUTPUT_CLASSES):
        here = {name: Fraction(count) for name, count in net.items() if name in side}
        sign = (more > 0) - (more < 0)
        with_it = {name: count for name, count in here.items() if count * sign > 0}
        against = {name: count for name, count in here.items() if count * sign <= 0}
        whole, turned = sum(with_it.values()), sum(against.values())
        share = min(Fraction(1), -turned / whole) if whole else Fraction(0)
        moved |= against | {name: count * share for name, count in with_it.items()}
        left |= {name: count * (1 - share) for name, count in with_it.items()}
    return moved, left


def _by_calls(amount: Fraction, more: int | None, failed: Sequence[Cell], parts: Amounts) -> None:
    """Tokens that only the bill has are of failed calls as far as there were any, else of calls nobody recorded."""
    if amount <= 0:
        parts["doubled_calls"] += amount
        return
    attempts = sum(cell.calls for cell in failed)
    bounds = [cell.high_usd for cell in failed]
    if more is not None:
        share = Fraction(min(attempts, more), more) if more else Fraction(0)
    elif attempts and all(bound is not None for bound in bounds):
        share = min(Fraction(1), sum((Fraction(bound or 0) for bound in bounds), Fraction(0)) / amount)
    else:
        share = Fraction(1 if attempts else 0)
    parts["billed_failures"] += amount * share
    parts["missing_calls"] += amount * (1 - share)


def _without_tokens(
    account: Account, counted: Sequence[Cell], between: Fraction, ours: Amounts, parts: Amounts
) -> None:
    """Of an amount alone only so much can be said: nothing was recorded, or what was recorded has no price."""
    if not counted and account.model is not None:
        parts["missing_calls"] += between
        return
    parts["unpriced"] += _valued(_tokens(cell for cell in counted if cell.kind == "unpriced"), ours)


def _tokens(cells: Iterable[Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in cells:
        for name, count in cell.tokens.items():
            found[name] = found.get(name, 0) + count
    return found


def _cost(cells: Iterable[Cell]) -> Fraction:
    return sum((Fraction(cell.cost_usd) for cell in cells), Fraction(0))


def _valued(tokens: Mapping[str, int] | Mapping[str, Fraction], ours: Amounts) -> Fraction:
    return sum((count * ours.get(name, Fraction(0)) for name, count in tokens.items()), Fraction(0))
