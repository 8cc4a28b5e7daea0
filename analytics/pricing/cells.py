"""A model's prices cut into cells: boxes of time, prompt length and hour of the week within which no rate changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from analytics.pricing.facts import PriceFact, in_force
from analytics.pricing.hours import A_MONDAY, WEEK, spans
from analytics.pricing.rates import Circumstances, Rates, rates
from scalix.times import EPOCH, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable

END_US = 2**63 - 1
LONGEST_PROMPT = 2**62
ATTO = 10**18
"""Rates are whole numbers of 10⁻²⁴ dollars for one unit: exact for twelve digits of price and six of factor."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Rates by meter in 10⁻²⁴ dollars; ``prompt`` is exclusive at its start, time and minute at their end."""

    prompt: tuple[int, int]
    time_us: tuple[int, int]
    minute: tuple[int, int]
    rates: dict[str, int]


def cells(facts: Iterable[PriceFact], known_at: datetime, service_tier: str, region: str) -> list[Cell]:
    """All cells of one model under one tier and region, as known at a moment. They cover everything, once."""
    known = [fact for fact in facts if fact.known_from <= known_at]
    lengths = _edges({fact.key.above_tokens for fact in known if fact.key.above_tokens} | {-1}, LONGEST_PROMPT)
    minutes = _edges({edge for fact in known if fact.key.hours for edge in _edges_of(fact.key.hours)} | {0}, WEEK)
    found = []
    for start_us, end_us in _times(known):
        holding = in_force(known, _moment(start_us), known_at)
        for length in lengths:
            for minute in minutes:
                moment = A_MONDAY + timedelta(minutes=minute[0])
                now = Circumstances(moment, length[0] + 1, service_tier, region)
                found.append(Cell(length, (start_us, end_us), minute, _whole(rates(holding, now))))
    return found


def _times(known: list[PriceFact]) -> list[tuple[int, int]]:
    moments = {to_us(fact.valid_from) for fact in known}
    moments |= {to_us(fact.valid_to) for fact in known if fact.valid_to is not None}
    return _edges({0} | {moment for moment in moments if moment > 0}, END_US)


def _moment(start_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=start_us)


def _edges(edges: set[int], end: int) -> list[tuple[int, int]]:
    return list(pairwise([*sorted(edge for edge in edges if edge < end), end]))


def _edges_of(hours: str) -> set[int]:
    return {edge for span in spans(hours) for edge in span}


def _whole(found: Rates) -> dict[str, int]:
    scaled = {name: fact.amount for name, fact in found.facts.items() if fact.amount is not None}
    return {name: int(amount * found.factor * ATTO) for name, amount in scaled.items()}
