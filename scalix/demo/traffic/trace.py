"""Arrivals and sizes of a production service, compressed in time; ``trace.md`` says where they come from."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from scalix.errors import DemoError

FILE = Path(__file__).with_name("trace.csv")


@dataclass(frozen=True)
class Arrival:
    """One request of the trace: seconds after the first, and its size."""

    at_s: float
    context_tokens: int
    generated_tokens: int


def arrivals(count: int, seconds: float) -> list[Arrival]:
    """The first requests of the trace, squeezed into so many seconds. Raises DemoError for more than it has."""
    with FILE.open(newline="") as file:
        rows = [tuple(map(int, row)) for row in list(csv.reader(file))[1:]]
    if not 0 < count <= len(rows):
        raise DemoError(f"{count} requests; the trace has 1 to {len(rows)}")
    pace = seconds / max(rows[count - 1][0], 1)
    return [Arrival(at_ms * pace, context, generated) for at_ms, context, generated in rows[:count]]
