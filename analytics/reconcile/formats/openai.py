"""OpenAI: ``/v1/organization/usage/*`` (tokens and requests) and ``/v1/organization/costs`` (amounts by line item).

https://platform.openai.com/docs/api-reference/usage
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reconcile.lines import Line, Record, amount_of, count_of, day_of, in_usd, optional, required

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED: Mapping[str, str] = MappingProxyType({"reasoning": "output", "cache_write_1h": "cache_write_5m"})
"""Reasoning stands in ``output_tokens``; a cache write has no length."""


def is_usage(record: Record) -> bool:
    """A result of a usage endpoint."""
    return str(record.get("object", "")).startswith("organization.usage.")


def is_cost(record: Record) -> bool:
    """A result of the costs endpoint."""
    return record.get("object") == "organization.costs.result"


def usage_line(record: Record) -> Line:
    """Cached and audio tokens stand inside ``input_tokens``, audio inside ``output_tokens``."""
    inside = {
        "cache_read": _count(record, "input_cached_tokens"),
        "cache_write_5m": _count(record, "input_cache_write_tokens"),
        "audio_input": _count(record, "input_audio_tokens"),
        "image_input": _count(record, "input_image_tokens"),
    }
    produced = {
        "audio_output": _count(record, "output_audio_tokens"),
        "image_output": _count(record, "output_image_tokens"),
    }
    whole, answered = count_of(required(record, "input_tokens"), "input_tokens"), _count(record, "output_tokens")
    return Line(
        day=day_of(required(record, "start_time"), "start_time"),
        provider="openai",
        model=required(record, "model"),
        tokens={
            "input": max(0, whole - sum(inside.values())),
            **inside,
            "output": max(0, answered - sum(produced.values())),
            **produced,
        },
        requests=_count(record, "num_model_requests") if "num_model_requests" in record else None,
    )


def cost_line(record: Record) -> Line:
    """A line item such as ``gpt-4o-2024-08-06, input``; the model is what stands before the comma."""
    amount = record.get("amount")
    value, currency = (
        (amount.get("value"), amount.get("currency"))
        if isinstance(amount, dict)
        else (record.get("amount_value"), record.get("amount_currency"))
    )
    item = str(required(record, "line_item"))
    return Line(
        day=day_of(required(record, "start_time"), "start_time"),
        provider="openai",
        model=item.partition(",")[0].strip() if "," in item else None,
        text=item,
        amount_usd=in_usd(amount_of(value, "amount"), currency),
    )


def _count(record: Record, name: str) -> int:
    value = optional(record, name)
    return 0 if value is None else count_of(value, name)
