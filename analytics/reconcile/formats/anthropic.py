"""Anthropic: ``/v1/organizations/usage_report/messages`` (tokens) and ``/v1/organizations/cost_report`` (amounts).

https://platform.claude.com/docs/en/api/admin/cost_report/retrieve . Neither counts requests.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reconcile.lines import Line, Record, amount_of, count_of, day_of, in_usd, optional, required

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED: Mapping[str, str] = MappingProxyType({"reasoning": "output", "image_input": "input"})
"""Thinking stands in ``output_tokens``, images in the input."""
_CENT = Decimal("0.01")


def is_usage(record: Record) -> bool:
    """A result of the messages usage report."""
    return "uncached_input_tokens" in record and "starting_at" in record


def is_cost(record: Record) -> bool:
    """A result of the cost report."""
    return "amount" in record and "starting_at" in record


def usage_line(record: Record) -> Line:
    """All classes are disjoint already."""
    written = record.get("cache_creation") or {}
    counts = {
        "input": required(record, "uncached_input_tokens"),
        "cache_read": record.get("cache_read_input_tokens") or 0,
        "cache_write_5m": written.get("ephemeral_5m_input_tokens") or 0,
        "cache_write_1h": written.get("ephemeral_1h_input_tokens") or 0,
        "output": record.get("output_tokens") or 0,
    }
    return Line(
        day=day_of(required(record, "starting_at"), "starting_at"),
        provider="anthropic",
        model=required(record, "model"),
        tokens={name: count_of(count, f"the count of {name}") for name, count in counts.items()},
    )


def cost_line(record: Record) -> Line:
    """Amounts are in cents. Searches and code execution name no model."""
    amount = in_usd(amount_of(required(record, "amount"), "amount"), record.get("currency") or "USD")
    return Line(
        day=day_of(required(record, "starting_at"), "starting_at"),
        provider="anthropic",
        model=optional(record, "model"),
        text=str(required(record, "description", "cost_type")),
        amount_usd=amount * _CENT,
    )
