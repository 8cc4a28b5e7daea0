"""What the book says about one model, and where LiteLLM's map says something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.pricing.book import KEY_COLUMNS
from analytics.pricing.facts import PriceFact, PriceKey
from analytics.pricing.refresh import changes
from scalix.errors import ScalixError

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from analytics.pricing.book import Book
    from analytics.pricing.litellm_map import PriceMap


class UnpricedError(ScalixError):
    """The book does not know a model."""


@dataclass(frozen=True)
class Difference:
    """A price that the map states differently from the book; None is none."""

    key: PriceKey
    book: Decimal | None
    map: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text, so that no digit is lost."""
        amounts = {"book": self.book, "map": self.map}
        texts = {name: None if amount is None else f"{amount:f}" for name, amount in amounts.items()}
        return {**self.key._asdict(), **texts}


def listed(book: Book, provider: str, model: str, valid_at: datetime, known_at: datetime) -> list[PriceFact]:
    """The facts about a model that hold at a moment, as known at a moment. Raises UnpricedError."""
    found = book.find(provider, model)
    if found is None:
        hint = book.nearest(provider, model)
        nearest = f"the nearest name is {hint}" if hint else "set one with `scalix prices set`"
        raise UnpricedError(f"the book has no price of {provider} {model}; {nearest}")
    holding = book.in_force(*found, valid_at, known_at)
    return [holding[key] for key in sorted(holding, key=lambda key: tuple(map(str, key)))]


def differences(book: Book, installed: PriceMap, now: datetime) -> list[Difference]:
    """What the map would change in the book, were it taken over now."""
    rows = changes(book.frame, installed, now).select(*KEY_COLUMNS, "amount").iter_rows()
    changed = {PriceKey(*row[:-1]): row[-1] for row in rows}
    before: dict[PriceKey, Decimal | None] = {}
    for provider, model in {(key.provider, key.model) for key in changed}:
        facts = sorted(book.facts(provider, model), key=lambda fact: fact.known_from)
        before.update({fact.key: fact.amount for fact in facts if fact.origin == "litellm"})
    return [Difference(key, before.get(key), amount) for key, amount in changed.items()]
