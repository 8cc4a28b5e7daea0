"""Azure: the cost and usage details file of Cost Management, actual cost, of any agreement.

https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/schema-index
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reconcile.lines import Line, Record, amount_of, day_of, in_usd, optional, required
from analytics.reconcile.skus import class_of, in_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED: Mapping[str, str] = MappingProxyType({"reasoning": "output"})
_SERVICES = ("openai", "foundry", "cognitive services", "ai services")


def is_usage(record: Record) -> bool:
    """A row of the file; its columns are written in either case."""
    return "metername" in {name.lower() for name in record}


def line(record: Record) -> Line | None:
    """Rows of services other than Azure's language models are none of ours."""
    given = {name.lower(): value for name, value in record.items()}
    sold = " ".join(str(given.get(name) or "") for name in ("metercategory", "metersubcategory", "productname"))
    if not any(service in sold.lower() for service in _SERVICES):
        return None
    text = " ".join(str(given.get(name) or "") for name in ("metersubcategory", "metername"))
    usd = optional(given, "costinusd", "paygcostinusd")
    cost = usd if usd is not None else required(given, "costinbillingcurrency", "cost", "pretaxcost")
    currency = "USD" if usd is not None else required(given, "billingcurrency", "billingcurrencycode", "currency")
    name = class_of(text)
    quantity = amount_of(required(given, "quantity", "usagequantity"), "quantity")
    return Line(
        day=day_of(required(given, "date", "usagedatetime"), "date"),
        provider="azure",
        text=text,
        tokens=None if name is None else {name: in_tokens(quantity, str(given.get("unitofmeasure") or "1K"))},
        amount_usd=in_usd(amount_of(cost, "cost"), currency),
    )
