"""One usage priced by the book, with the arithmetic: what `scalix price` answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.pricing import signs
from analytics.pricing.meters import METERS, TOKEN_CLASSES, prompt_tokens
from analytics.pricing.price import Priced, price
from analytics.pricing.rates import Circumstances
from collector.usage import record
from scalix.errors import ScalixError
from scalix.events import AttemptEvent

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from analytics.pricing.book import Book
    from analytics.pricing.meters import Quantities


class UsageError(ScalixError):
    """The usage given cannot be read as quantities."""


@dataclass(frozen=True)
class Answer:
    """``name`` is the model as the book knows it, None when it does not; then ``nearest`` is one it knows."""

    provider: str
    model: str
    name: str | None
    nearest: str | None
    quantities: Quantities
    now: Circumstances
    priced: Priced | None

    @property
    def cost_usd(self) -> Decimal | None:
        """What it costs; None is unpriced."""
        return self.priced.cost_usd if self.priced else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text, so that no digit is lost."""
        priced = self.priced
        return {
            "provider": self.provider,
            "model": self.model,
            "priced_as": self.name,
            "nearest": self.nearest,
            "cost_usd": _text(self.cost_usd),
            "at": self.now.moment.isoformat(),
            "prompt_tokens": self.now.prompt_tokens,
            "service_tier": self.now.service_tier,
            "region": self.now.region,
            "factor": _text(priced.factor) if priced else None,
            "unpriced": list(priced.unpriced) if priced else sorted(self.quantities),
            "lines": [_line_as_dict(line) for line in priced.lines] if priced else [],
        }


def ask(  # noqa: PLR0917 (what a price depends on)
    book: Book,
    provider: str,
    model: str,
    usage: str,
    moment: datetime,
    known_at: datetime,
    service_tier: str | None = None,
    region: str | None = None,
) -> Answer:
    """Price one usage, given as JSON: a provider's usage object, or quantities by meter.

    Tier and region are taken from the usage object unless given. Raises UsageError.
    """
    quantities = quantities_of(usage)
    now = Circumstances(
        moment,
        prompt_tokens(quantities),
        service_tier or signs.service_tier(usage, None),
        region or signs.region(usage, None),
    )
    found = book.find(provider, model)
    if found is None:
        return Answer(provider, model, None, book.nearest(provider, model), quantities, now, None)
    facts = book.in_force(*found, moment, known_at)
    return Answer(provider, model, found[1], None, quantities, now, price(quantities, facts, now))


def quantities_of(usage: str) -> Quantities:
    """Disjoint quantities by meter. Raises UsageError."""
    try:
        given = json.loads(usage)
    except ValueError as error:
        raise UsageError(f'the usage is not JSON ({error}); give e.g. {{"input": 1000, "output": 200}}') from error
    if not isinstance(given, dict):
        raise UsageError(f"the usage is {usage}; give an object of counts")
    if given.keys() <= set(METERS):
        return _whole(given)
    event = AttemptEvent(kind="answered", call_id="", started_us=0, at_us=0)
    if not record(event, given, "reported"):
        raise UsageError(
            f"no counts are found in {usage}; give a provider's usage object, or any of: {', '.join(METERS)}"
        )
    counts = {name: getattr(event, f"{name}_tokens") for name in TOKEN_CLASSES}
    counts["web_search"] = signs.searches(json.dumps(given))
    return {name: count for name, count in counts.items() if count is not None}


def _whole(given: dict[str, Any]) -> Quantities:
    for meter, quantity in given.items():
        if type(quantity) is not int or quantity < 0:
            raise UsageError(f"{meter} is {quantity!r}; give a whole number that is not negative")
    return given


def _line_as_dict(line: Any) -> dict[str, Any]:
    key = line.fact.key
    return {
        "meter": line.meter,
        "quantity": str(line.quantity),
        "priced_by": key.meter,
        "usd_per_million": _text(line.fact.amount),
        "amount_usd": _text(line.amount_usd),
        "above_tokens": key.above_tokens,
        "service_tier": key.service_tier,
        "region": key.region,
        "hours": key.hours,
        "valid_from": line.fact.valid_from.isoformat(),
        "known_from": line.fact.known_from.isoformat(),
        "origin": line.fact.origin,
        "source": line.fact.source,
    }


def _text(amount: Decimal | None) -> str | None:
    """Without an exponent and without trailing zeros."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
