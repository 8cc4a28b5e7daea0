"""Google Cloud: rows of the billing export to BigQuery, standard or detailed, as JSON or CSV.

https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from analytics.reconcile.lines import Line, Record, amount_of, day_of, in_usd, optional, required
from analytics.reconcile.skus import class_of, in_tokens

MERGED: Mapping[str, str] = MappingProxyType({"reasoning": "output"})
SERVICES: Mapping[str, str] = MappingProxyType(
    {"vertex ai": "vertex_ai", "gemini api": "gemini", "generative language api": "gemini"}
)
"""What Google Cloud sells models as, and what LiteLLM calls it."""
_BY_TOKEN = ("count", "token", "tokens", "requests")


def is_usage(record: Record) -> bool:
    """A row of the export."""
    return "usage_start_time" in record and any(
        name in record for name in ("sku", "sku.description", "sku_description")
    )


def line(record: Record) -> Line | None:
    """The cost less its credits. Rows of other services are none of ours."""
    provider = SERVICES.get(str(_field(record, "service", "description") or "").strip().lower())
    if provider is None:
        return None
    text = str(_field(record, "sku", "description") or "")
    cost = in_usd(amount_of(required(record, "cost"), "cost"), optional(record, "currency") or "USD")
    credited = record.get("credits")
    for credit in credited if isinstance(credited, list) else ():
        cost += amount_of(credit.get("amount"), "a credit")
    return Line(
        day=day_of(required(record, "usage_start_time"), "usage_start_time"),
        provider=provider,
        text=text,
        tokens=_tokens(record, text),
        amount_usd=cost,
    )


def _tokens(record: Record, text: str) -> dict[str, int] | None:
    name, unit = class_of(text), str(_field(record, "usage", "unit") or "count").lower()
    amount = _field(record, "usage", "amount")
    if name is None or amount is None or not unit.endswith(_BY_TOKEN):
        return None
    return {name: in_tokens(amount_of(amount, "usage.amount"), unit if unit[0].isdigit() else "tokens")}


def _field(record: Record, group: str, name: str) -> Any:
    """JSON nests the columns, CSV joins their names."""
    nested = record.get(group)
    if isinstance(nested, Mapping):
        return nested.get(name)
    return optional(record, f"{group}.{name}", f"{group}_{name}")
