"""The price book: every fact the ledger holds, and the prices of one model out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.cells import Cell, cells
from analytics.pricing.facts import ANY, InForce, PriceFact, PriceKey, in_force
from analytics.pricing.matching import match, nearest, provider_name
from scalix.times import EPOCH

if TYPE_CHECKING:
    from analytics.pricing.litellm_map import PriceMap

FACT_SCHEMA = pl.Schema(
    [
        *((name, pl.String()) for name in ("provider", "model", "meter")),
        ("above_tokens", pl.Int64()),
        *((name, pl.String()) for name in ("service_tier", "region", "hours")),
        ("amount", pl.Decimal(30, 12)),
        *((name, pl.Datetime("us", "UTC")) for name in ("valid_from", "valid_to", "known_from")),
        *((name, pl.String()) for name in ("origin", "source")),
    ]
)
"""The columns of the ledger's ``prices``."""
KEY_COLUMNS = PriceKey._fields
Combination = tuple[str, str, str, str]
"""Provider and model as the book names them, service tier, region."""


@dataclass(frozen=True)
class Book:
    """All facts as a frame of ``FACT_SCHEMA``. Looking a model up is cheap the second time."""

    frame: pl.DataFrame
    _facts: dict[tuple[str, str], list[PriceFact]] = field(default_factory=dict)
    _cells: dict[tuple[Combination, datetime], list[Cell]] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, frozenset[str]]:
        """The models priced, by provider."""
        grouped = self.frame.group_by("provider").agg(pl.col("model").unique())
        return {provider: frozenset(models) for provider, models in grouped.iter_rows()}

    def find(self, provider: str | None, *models: str | None) -> tuple[str, str] | None:
        """Provider and model under which the book prices a call; the first of the models it knows."""
        if provider is None:
            return None
        place = provider_name(provider)
        known = self.names.get(place, frozenset())
        found = (match(place, model, known) for model in models if model)
        name = next((name for name in found if name), None)
        return (place, name) if name else None

    def nearest(self, provider: str, model: str) -> str | None:
        """The priced model of a provider whose name is most alike."""
        return nearest(model, self.names.get(provider_name(provider), frozenset()))

    def facts(self, provider: str, name: str) -> list[PriceFact]:
        """Every fact about a model the book knows, with those about all models of its provider."""
        key = provider, name
        if key not in self._facts:
            chosen = self.frame.filter(pl.col("provider") == provider, pl.col("model").is_in([name, ANY]))
            self._facts[key] = [_fact(row) for row in chosen.iter_rows()]
        return self._facts[key]

    def in_force(self, provider: str, name: str, valid_at: datetime, known_at: datetime) -> InForce:
        """The facts about a model that hold at a moment, as known at a moment."""
        return in_force(self.facts(provider, name), valid_at, known_at)

    def cells(self, combination: Combination, known_at: datetime) -> list[Cell]:
        """A model's prices under one tier and region, cut into boxes."""
        key = combination, min(known_at, self.latest)
        if key not in self._cells:
            provider, name, service_tier, region = combination
            self._cells[key] = cells(self.facts(provider, name), known_at, service_tier, region)
        return self._cells[key]

    @cached_property
    def latest(self) -> datetime:
        """When the book last learnt something; knowing more than that changes nothing."""
        latest = self.frame["known_from"].max()
        return latest if isinstance(latest, datetime) else EPOCH


def of_map(prices: PriceMap, known_from: datetime, valid_from: datetime) -> pl.DataFrame:
    """LiteLLM's map as facts."""
    rows = [
        (*key, amount, valid_from, None, known_from, "litellm", prices.source) for key, amount in prices.prices.items()
    ]
    return pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row")


def _fact(row: tuple[object, ...]) -> PriceFact:
    """A row of ``FACT_SCHEMA`` as a fact."""
    *key, amount, valid_from, valid_to, known_from, origin, source = row
    return PriceFact(
        PriceKey(*key),  # type: ignore[arg-type]  # the frame's schema says so
        amount,  # type: ignore[arg-type]  # same
        known_from,  # type: ignore[arg-type]  # same
        valid_from,  # type: ignore[arg-type]  # same
        valid_to,  # type: ignore[arg-type]  # same
        origin,  # type: ignore[arg-type]  # same
        source,  # type: ignore[arg-type]  # same
    )
