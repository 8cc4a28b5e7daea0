"""Tokens at list prices: the weights by which token classes are compared, from the ledger's price book."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.pricing.book import FACT_SCHEMA, Book
from analytics.pricing.meters import TOKEN_CLASSES
from analytics.pricing.rates import Circumstances, rates
from analytics.reading import Readable, ledger_here
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

import polars as pl

CACHE_CLASSES = ("cache_read", "cache_write_5m", "cache_write_1h")
PER = Decimal(1_000_000)
_held: dict[tuple[object, ...], Book] = {}


def book_of(ledger: Readable | None = None) -> Book:
    """The ledger's price book, read anew only when it has changed."""
    source = ledger or ledger_here()
    version = source.read(sqlfiles.text("prices/version")).row(0)
    if version not in _held:
        frame = source.read(sqlfiles.text("prices/all"))
        moments = pl.col("valid_from", "valid_to", "known_from").dt.replace_time_zone("UTC")
        _held.clear()
        _held[version] = Book(frame.with_columns(moments).select(FACT_SCHEMA.names()).cast(FACT_SCHEMA))
    return _held[version]


def class_prices(book: Book, provider: str | None, model: str | None, at: datetime) -> dict[str, Decimal]:
    """USD per million tokens of each class of a model: standard tier, shortest context. Empty when it is not priced."""
    found = book.find(provider, model)
    if found is None:
        return {}
    facts = rates(book.in_force(*found, at, at), Circumstances(at, 0)).facts
    return {name: facts[name].amount or Decimal(0) for name in TOKEN_CLASSES if name in facts}


def at_list(tokens: Mapping[str, int], prices: Mapping[str, Decimal]) -> dict[str, Decimal] | None:
    """What each class that was used costs; None when one of them has no price."""
    used = {name: count for name, count in tokens.items() if count}
    if not used or not used.keys() <= prices.keys():
        return None
    return {name: count * prices[name] / PER for name, count in used.items()}


def uncached(tokens: Mapping[str, int], prices: Mapping[str, Decimal]) -> Decimal:
    """What the same tokens would cost if those of the cache were plain input."""
    plain = prices.get("input", Decimal(0))
    return sum(
        (count * (plain if name in CACHE_CLASSES else prices[name]) / PER for name, count in tokens.items() if count),
        Decimal(0),
    )
