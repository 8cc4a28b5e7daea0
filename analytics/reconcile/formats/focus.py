"""FOCUS, the FinOps Open Cost and Usage Specification, 1.0 to 1.4, of any provider. https://focus.finops.org"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reconcile.formats.google import SERVICES
from analytics.reconcile.lines import Line, Record, RecordError, amount_of, day_of, in_usd, optional, required
from analytics.reconcile.skus import class_of, in_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED: Mapping[str, str] = MappingProxyType({"reasoning": "output"})
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "openai": "openai",
        "anthropic": "anthropic",
        "openrouter": "openrouter",
        "microsoft": "azure",
        "azure": "azure",
        "amazon": "bedrock",
        "aws": "bedrock",
        "bedrock": "bedrock",
        "vertex": "vertex_ai",
        "google": "vertex_ai",
        "gemini": "gemini",
        "mistral": "mistral",
        "cohere": "cohere",
        "groq": "groq",
        "deepseek": "deepseek",
        "xai": "xai",
        "fireworks": "fireworks_ai",
        "together": "together_ai",
        "databricks": "databricks",
    }
)
"""Words of the names that providers have in FOCUS, and what LiteLLM calls them. The first that fits counts."""
OWN = frozenset({"x_Attempts", "x_Model"})
"""Columns by which `scalix export focus` is known; its accounts are LiteLLM's names of providers."""
_AI = ("ai and machine learning", "")
_DESCRIPTIONS = ("SkuMeter", "ChargeDescription", "SkuId", "ResourceName", "ServiceName")


def is_charge(record: Record) -> bool:
    """A row of the cost and usage dataset."""
    return "ChargePeriodStart" in record and "BilledCost" in record


def line(record: Record) -> Line | None:
    """What was billed, taxes and credits included. Rows of other categories of service are none of ours."""
    if str(record.get("ServiceCategory") or "").lower() not in _AI:
        return None
    text = " ".join(str(record[name]) for name in _DESCRIPTIONS if record.get(name))
    currency = required(record, "BillingCurrency")
    return Line(
        day=day_of(required(record, "ChargePeriodStart"), "ChargePeriodStart"),
        provider=_provider(record),
        model=optional(record, "x_Model", "x_model"),
        text=text,
        tokens=_tokens(record, text),
        amount_usd=in_usd(amount_of(record["BilledCost"], "BilledCost"), currency),
    )


def _provider(record: Record) -> str:
    """Of our own export the account, since several providers may share a name there, as Gemini and Vertex AI do."""
    account = optional(record, "BillingAccountId")
    if account is not None and record.keys() >= OWN:
        return str(account)
    names = ("ServiceProviderName", "ProviderName", "HostProviderName", "PublisherName", "InvoiceIssuerName")
    said = " ".join(str(record.get(name) or "") for name in names).lower().replace(" ", "")
    found = next((provider for word, provider in PROVIDERS.items() if word in said), None)
    if found is None:
        raise RecordError(f"its provider is {said or 'not named'}, which is no provider of language models known here")
    service = str(record.get("ServiceName") or "").strip().lower()
    return SERVICES.get(service, found) if found == "vertex_ai" else found


def _tokens(record: Record, text: str) -> dict[str, int] | None:
    """Consumed tokens, else priced ones; other units are charged otherwise."""
    if str(record.get("ChargeCategory") or "Usage") != "Usage":
        return None
    name = class_of(str(record.get("SkuMeter") or "")) or class_of(text)
    for quantity, unit in (("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit")):
        stated = str(record.get(unit) or "")
        if name and optional(record, quantity) is not None and "token" in stated.lower():
            return {name: in_tokens(amount_of(record[quantity], quantity), stated)}
    return None
