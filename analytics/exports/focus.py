"""FOCUS, the FinOps Open Cost and Usage Specification: a day's charges as rows of its Cost and Usage dataset."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.exports.days import days_with_attempts, partition, read_done, write_done
from analytics.exports.focus_rows import SPEND, charges
from analytics.spend.list_prices import book_of
from scalix.errors import ScalixError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from analytics.exports.days import Day
    from analytics.exports.focus_rows import Charge
    from scalix.store.lake_reader import LakeReader

Version = Literal["1.2", "1.3"]
Form = Literal["csv", "parquet"]
CATEGORY, SUBCATEGORY = "AI and Machine Learning", "Generative AI"
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountStatus", "ConsumedQuantity", "ConsumedUnit",
    "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails",
    "SkuPriceId", "SubAccountId", "SubAccountName", "SubAccountType", "Tags", "x_Attempts", "x_Model",
)  # fmt: skip
"""Of version 1.2, with two of our own; 1.3 adds ``ADDED``."""
ADDED = ("HostProviderName", "ServiceProviderName")
"""In 1.3 these tell apart what ``ProviderName`` and ``PublisherName`` mixed, which stay for now."""
NAMES: Mapping[str, str] = {
    "anthropic": "Anthropic",
    "azure": "Microsoft Azure",
    "azure_ai": "Microsoft Azure",
    "bedrock": "Amazon Web Services",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "gemini": "Google",
    "groq": "Groq",
    "mistral": "Mistral AI",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "together_ai": "Together AI",
    "vertex_ai": "Google Cloud",
    "xai": "xAI",
}
"""Providers as people write them; others keep LiteLLM's name."""
_DECIMALS = frozenset(name for name in COLUMNS if name.endswith(("Cost", "Price", "Quantity")))
_MOMENTS = frozenset({"BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"})
_AMOUNT = pa.decimal128(38, 24)


@dataclass(frozen=True)
class FocusExport:
    """What was written. ``unknown`` attempts have no known cost, and so no charge."""

    days: int
    unchanged_days: int
    rows: int
    billed_usd: Decimal
    unknown: int


def export_focus(
    lake: LakeReader,
    folder: Path,
    *,
    version: Version = "1.2",
    form: Form = "csv",
    since: datetime | None = None,
    until: datetime | None = None,
    note: Callable[[int, int], None] = lambda _done, _all: None,
) -> FocusExport:
    """Write ``billing_period=YYYY-MM/charges-YYYY-MM-DD.csv``; ``note`` is told of days done, of days.

    A day that was written before and has not changed is left as it is. Raises ScalixError.
    """
    days = days_with_attempts(lake, since, until)
    rows, billed, unknown = 0, Decimal(0), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        done = read_done(folder, f"FOCUS {version} as {form}")
        written = [day for day in days if not done.has(day)]
        for number, day in enumerate(written, 1):
            found, missing = day_rows(lake, day, version)
            path = partition(folder, "", {"billing_period": f"{day.day:%Y-%m}"})
            _write(path / f"charges-{day.day}.{form}", found, _columns(version), form)
            write_done(folder, done, day)
            rows, unknown = rows + len(found), unknown + missing
            billed += sum((row["BilledCost"] for row in found), Decimal(0))
            note(number, len(written))
    except OSError as error:
        raise ScalixError(f"{folder} cannot be written: {error}") from error
    return FocusExport(len(written), len(days) - len(written), rows, billed, unknown)


def day_rows(lake: LakeReader, day: Day, version: Version = "1.2") -> tuple[list[dict[str, Any]], int]:
    """The rows of one day, and how many attempts have no known cost."""
    attempts = lake.read(sqlfiles.text("exports/focus_attempts"), day.bounds)
    found, unknown = charges(attempts, book_of(lake), datetime.now(UTC))
    return [_row(charge, day, version) for charge in found], unknown


def _columns(version: Version) -> tuple[str, ...]:
    return tuple(sorted((*COLUMNS, *ADDED))) if version == "1.3" else COLUMNS


def _row(charge: Charge, day: Day, version: Version) -> dict[str, Any]:
    name = NAMES.get(charge.provider, charge.provider)
    start = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC)
    month = start.replace(day=1)
    row = {
        "BilledCost": charge.cost,
        "BillingAccountId": charge.provider,
        "BillingAccountName": name,
        "BillingAccountType": "Provider account",
        "BillingCurrency": "USD",
        "BillingPeriodStart": month,
        "BillingPeriodEnd": (month + timedelta(days=32)).replace(day=1),
        "ChargeClass": None,
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + timedelta(days=1),
        "CommitmentDiscountStatus": None,
        "ContractedCost": charge.cost,
        "EffectiveCost": charge.cost,
        "InvoiceId": None,
        "InvoiceIssuerName": name,
        "ListCost": charge.cost,
        "PricingCurrency": "USD",
        "PricingCurrencyEffectiveCost": charge.cost,
        "ProviderName": name,
        "PublisherName": name,
        "ServiceCategory": CATEGORY,
        "ServiceName": f"{name} API",
        "ServiceSubcategory": SUBCATEGORY,
        "SubAccountId": charge.team_id or charge.team,
        "SubAccountName": charge.team,
        "SubAccountType": "Team" if charge.team_id or charge.team else None,
        "Tags": _tags(charge),
        "x_Attempts": charge.attempts,
        "x_Model": charge.model,
        **(_usage(charge) if charge.meter else _adjustment(charge)),
    }
    return row | ({"HostProviderName": name, "ServiceProviderName": name} if version == "1.3" else {})


def _usage(charge: Charge) -> dict[str, Any]:
    sku = f"{charge.provider}/{charge.model}/{charge.meter}"
    what = "cost as told, outside the price book" if charge.meter == SPEND else (charge.meter or "").replace("_", " ")
    price = charge.unit_price
    return {
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{charge.model}: {what}",
        "ConsumedQuantity": charge.consumed,
        "ConsumedUnit": charge.consumed_unit,
        "ContractedUnitPrice": price,
        "ListUnitPrice": price,
        "PricingCategory": "Standard",
        "PricingCurrencyContractedUnitPrice": price,
        "PricingCurrencyListUnitPrice": price,
        "PricingQuantity": charge.quantity,
        "PricingUnit": charge.unit,
        "SkuId": sku,
        "SkuMeter": charge.meter,
        "SkuPriceDetails": _json({"x_Model": charge.model, "x_Meter": charge.meter}),
        # A price that changes is another one.
        "SkuPriceId": f"{sku}@{price.normalize():f}" if price is not None else sku,
    }


def _adjustment(charge: Charge) -> dict[str, Any]:
    nothing = dict.fromkeys(
        (
            "ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory",
            "PricingCurrencyContractedUnitPrice", "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit",
            "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
        )
    )  # fmt: skip
    description = f"{charge.model}: what was booked beyond list prices"
    return {**nothing, "ChargeCategory": "Adjustment", "ChargeDescription": description}


def _tags(charge: Charge) -> str | None:
    """Tags such as ``env:prod`` are keys with a value, others are keys that are true."""
    found: dict[str, str | bool] = {}
    for tag in charge.tags:
        key, colon, value = tag.partition(":")
        found[key if colon else tag] = value if colon else True
    if charge.key_name:
        found["x_key"] = charge.key_name
    return _json(found) if found else None


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _write(path: Path, rows: list[dict[str, Any]], columns: Iterable[str], form: Form) -> None:
    temporary = path.with_name(path.name + ".tmp")
    if form == "parquet":
        fields = [pa.field(name, _type(name)) for name in columns]
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(fields)), temporary, compression="zstd")
    else:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([_text(row[name]) for name in columns] for row in rows)
    temporary.replace(path)


def _type(name: str) -> pa.DataType:
    if name in _DECIMALS:
        return _AMOUNT
    if name in _MOMENTS:
        return pa.timestamp("us", "UTC")
    return pa.int64() if name == "x_Attempts" else pa.string()


def _text(value: object) -> object:
    """As FOCUS writes it: UTC with a Z, decimals in full with a point, nothing for null."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if not isinstance(value, Decimal):
        return value
    digits = f"{value.normalize():f}"
    return digits if "." in digits else f"{digits}.0"
