"""One price as a dated fact, and which facts hold at a moment, as known at a moment.

Nothing is overwritten. A fact says "from ``valid_from`` until ``valid_to`` this costs so much", and ``known_from`` says
since when we know it; a fact known later overrides an earlier one for the time both speak about. A fact without an
amount withdraws the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from scalix.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

STANDARD = "standard"
ANY = "*"
FACTOR = "factor"
"""The meter of a fact that multiplies all other prices: a discount, a margin, a regional uplift."""
PRICE_DIGITS = Decimal("1e-12")

Origin = Literal["own", "litellm"]


class PriceKey(NamedTuple):
    """What a fact is about. ``above_tokens`` is a prompt length the prompt must exceed; ``hours`` a weekly window."""

    provider: str
    model: str
    meter: str
    above_tokens: int = 0
    service_tier: str = STANDARD
    region: str = ANY
    hours: str | None = None


@dataclass(frozen=True, slots=True)
class PriceFact:
    """USD per million units, or a plain factor when the meter is ``factor``; None withdraws it."""

    key: PriceKey
    amount: Decimal | None
    known_from: datetime
    valid_from: datetime = EPOCH
    valid_to: datetime | None = None
    origin: Origin = "litellm"
    source: str = ""

    def holds(self, valid_at: datetime, known_at: datetime) -> bool:
        """Whether the fact speaks about ``valid_at`` and was known at ``known_at``."""
        started = self.known_from <= known_at and self.valid_from <= valid_at
        return started and (self.valid_to is None or valid_at < self.valid_to)


InForce = dict[PriceKey, PriceFact]


def in_force(facts: Iterable[PriceFact], valid_at: datetime, known_at: datetime) -> InForce:
    """The fact that wins for each key: our own before LiteLLM's, then the one known last."""
    winners: InForce = {}
    for origin in ("litellm", "own"):
        of_origin = _latest_known(facts, valid_at, known_at, origin)
        winners.update({key: fact for key, fact in of_origin.items() if fact.amount is not None})
    return winners


def _latest_known(facts: Iterable[PriceFact], valid_at: datetime, known_at: datetime, origin: str) -> InForce:
    latest: InForce = {}
    for fact in facts:
        if fact.origin != origin or not fact.holds(valid_at, known_at):
            continue
        rival = latest.get(fact.key)
        if rival is None or _recency(fact) >= _recency(rival):
            latest[fact.key] = fact
    return latest


def _recency(fact: PriceFact) -> tuple[datetime, datetime, Decimal]:
    """Facts known at the same instant: the younger price wins, then the dearer one, whatever their order."""
    return fact.known_from, fact.valid_from, Decimal(-1) if fact.amount is None else fact.amount


def to_price(per_unit: Decimal | int) -> Decimal:
    """A price per unit as USD per million, at the twelve digits that are stored."""
    return (Decimal(per_unit) * 1_000_000).quantize(PRICE_DIGITS)
