"""Spending by hour of the demo's month and of the trace: what forecasts are tried on."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

from analytics.budgets.forecast import Hours
from scalix.demo.history.arrivals import arrivals as history_arrivals
from scalix.demo.history.requests import request_events
from scalix.demo.traffic.trace import arrivals as trace_arrivals
from scalix.events import PICODOLLARS, AttemptEvent
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

TRACE_REQUESTS = 8819
TRACE_HOURS = 29 * 24
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
INPUT_USD, OUTPUT_USD = 2.5e-6, 10e-6
"""Per token, for the trace, which names no model: a usual pair of prices."""


def demo_month(end: datetime, *, seed: int = 42, requests: int = 50_000) -> Hours:
    """What the demo's month cost, hour by hour, its incidents and price changes among it."""
    rng = Random(seed)  # noqa: S311 - a demo's dice, not a secret
    spent: dict[int, float] = {}
    for at, feature, person in history_arrivals(end, requests, rng):
        for event in request_events(at, feature, person, end, rng):
            if isinstance(event, AttemptEvent) and event.kind == "success" and event.litellm_cost_pusd:
                hour = event.started_us // (3600 * MICROSECONDS)
                spent[hour] = spent.get(hour, 0.0) + event.litellm_cost_pusd / PICODOLLARS
    return _hours(from_us(min(spent) * 3600 * MICROSECONDS), {hour - min(spent): one for hour, one in spent.items()})


def trace_month() -> Hours:
    """What the trace cost, stretched to four weeks: some seconds of it become an hour. It knows no days or weekends."""
    spent: dict[int, float] = {}
    for one in trace_arrivals(TRACE_REQUESTS, TRACE_HOURS):
        cost = one.context_tokens * INPUT_USD + one.generated_tokens * OUTPUT_USD
        spent[int(one.at_s)] = spent.get(int(one.at_s), 0.0) + cost
    return _hours(MONDAY, spent)


def _hours(first: datetime, spent: Mapping[int, float]) -> Hours:
    """The last hour is left out: it may not be whole."""
    return Hours(first, tuple(spent.get(hour, 0.0) for hour in range(max(spent))))
