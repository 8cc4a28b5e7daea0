"""OpenRouter: ``/api/v1/activity``, by day, model and endpoint, in credits of one dollar.

https://openrouter.ai/docs/api/api-reference/analytics/get-user-activity
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES
from analytics.reconcile.lines import Line, Record, amount_of, count_of, day_of, required

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(INPUT_CLASSES[1:], "input") | dict.fromkeys(OUTPUT_CLASSES[1:], "output")
)
"""Only prompt and completion are told apart."""


def is_activity(record: Record) -> bool:
    """An item of the activity list."""
    return "byok_usage_inference" in record or "model_permaslug" in record


def line(record: Record) -> Line:
    """``usage`` is what was charged; what a key of one's own cost at its provider is not in it."""
    counts = {"input": required(record, "prompt_tokens"), "output": required(record, "completion_tokens")}
    return Line(
        day=day_of(required(record, "date"), "date"),
        provider="openrouter",
        model=required(record, "model"),
        tokens={name: count_of(count, f"the count of {name}") for name, count in counts.items()},
        requests=count_of(required(record, "requests"), "requests"),
        amount_usd=amount_of(required(record, "usage"), "usage"),
    )
