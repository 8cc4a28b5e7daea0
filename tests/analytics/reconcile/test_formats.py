"""Every export is read as its provider documents it, and a record that is not as documented is set aside."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from analytics.reconcile.files import read_exports
from analytics.reconcile.formats import FORMATS, format_of
from analytics.reconcile.lines import Line, RecordError
from analytics.reconcile.skus import class_of, in_tokens, model_in

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 2)
MIDNIGHT = 1_793_577_600
OPENAI_USAGE = {
    "object": "organization.usage.completions.result",
    "start_time": MIDNIGHT,
    "input_tokens": 5_000,
    "input_cached_tokens": 3_000,
    "input_audio_tokens": 300,
    "output_tokens": 1_000,
    "output_audio_tokens": 200,
    "num_model_requests": 5,
    "model": "gpt-4o-mini-2024-07-18",
}
OPENAI_COST: dict[str, Any] = {
    "object": "organization.costs.result",
    "start_time": MIDNIGHT,
    "amount": {"value": Decimal("0.06"), "currency": "usd"},
    "line_item": "gpt-4o-mini-2024-07-18, input",
}
ANTHROPIC_USAGE = {
    "starting_at": "2026-11-02T00:00:00Z",
    "uncached_input_tokens": 1_500,
    "cache_creation": {"ephemeral_1h_input_tokens": 1_000, "ephemeral_5m_input_tokens": 500},
    "cache_read_input_tokens": 200,
    "output_tokens": 700,
    "model": "claude-sonnet-4-5",
}
ANTHROPIC_COST: dict[str, Any] = {
    "starting_at": "2026-11-02T00:00:00Z",
    "amount": "123.78912",
    "currency": "USD",
    "description": "Claude Sonnet 4.5 Usage - Input Tokens",
    "model": "claude-sonnet-4-5",
}
OPENROUTER = {
    "date": "2026-11-02",
    "model": "openai/gpt-4.1",
    "model_permaslug": "openai/gpt-4.1-2025-04-14",
    "usage": Decimal("0.015"),
    "byok_usage_inference": Decimal("0.012"),
    "requests": 5,
    "prompt_tokens": 50,
    "completion_tokens": 125,
    "reasoning_tokens": 25,
}
GOOGLE: dict[str, Any] = {
    "service": {"description": "Vertex AI"},
    "sku": {"description": "Gemini 2.5 Pro Text Input - Predictions"},
    "usage_start_time": "2026-11-02 08:00:00 UTC",
    "cost": Decimal("1.25"),
    "currency": "USD",
    "usage": {"amount": 1_000_000, "unit": "count"},
    "credits": [{"amount": Decimal("-0.25")}],
}
AZURE = {
    "Date": "11/02/2026",
    "MeterCategory": "Cognitive Services",
    "MeterSubCategory": "Azure OpenAI",
    "MeterName": "gpt 4o 0806 cached Inp glbl Tokens",
    "UnitOfMeasure": "1K",
    "Quantity": "12.5",
    "CostInBillingCurrency": "0.0156",
    "BillingCurrency": "USD",
}
FOCUS: dict[str, Any] = {
    "ChargePeriodStart": "2026-11-02T00:00:00Z",
    "BilledCost": "2.50",
    "BillingCurrency": "USD",
    "ServiceProviderName": "Anthropic",
    "ServiceCategory": "AI and Machine Learning",
    "SkuMeter": "claude-sonnet-4-5 output tokens",
    "PricingQuantity": "0.5",
    "PricingUnit": "1M tokens",
}
READ: dict[str, tuple[dict[str, Any], Line]] = {
    "OpenAI usage": (
        OPENAI_USAGE,
        Line(
            DAY, "openai", "gpt-4o-mini-2024-07-18", requests=5,
            tokens={
                "input": 1_700, "cache_read": 3_000, "cache_write_5m": 0, "audio_input": 300, "image_input": 0,
                "output": 800, "audio_output": 200, "image_output": 0,
            },
        ),
    ),
    "OpenAI costs": (
        OPENAI_COST,
        Line(DAY, "openai", "gpt-4o-mini-2024-07-18", OPENAI_COST["line_item"], amount_usd=Decimal("0.06")),
    ),
    "Anthropic usage": (
        ANTHROPIC_USAGE,
        Line(
            DAY, "anthropic", "claude-sonnet-4-5",
            tokens={
                "input": 1_500, "cache_read": 200, "cache_write_5m": 500, "cache_write_1h": 1_000, "output": 700,
            },
        ),
    ),
    "Anthropic cost": (
        ANTHROPIC_COST,
        Line(DAY, "anthropic", "claude-sonnet-4-5", ANTHROPIC_COST["description"], amount_usd=Decimal("1.2378912")),
    ),
    "OpenRouter activity": (
        OPENROUTER,
        Line(
            DAY, "openrouter", "openai/gpt-4.1", requests=5, amount_usd=Decimal("0.015"),
            tokens={"input": 50, "output": 125},
        ),
    ),
    "FOCUS": (
        FOCUS,
        Line(DAY, "anthropic", None, FOCUS["SkuMeter"], {"output": 500_000}, amount_usd=Decimal("2.5")),
    ),
    "Google Cloud billing": (
        GOOGLE,
        Line(
            DAY, "vertex_ai", None, "Gemini 2.5 Pro Text Input - Predictions", {"input": 1_000_000},
            amount_usd=Decimal(1),
        ),
    ),
    "Azure cost details": (
        AZURE,
        Line(
            DAY, "azure", None, "Azure OpenAI gpt 4o 0806 cached Inp glbl Tokens", {"cache_read": 12_500},
            amount_usd=Decimal("0.0156"),
        ),
    ),
}  # fmt: skip


def read(record: dict[str, Any]) -> Line | None:
    known = format_of(record)
    assert known is not None
    return known.line(record)


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_a_record_as_documented(name: str) -> None:
    record, line = READ[name]
    known = format_of(record)
    assert known is not None
    assert known.name == name
    assert known.line(record) == line


def test_googles_export_as_csv_has_its_columns_joined() -> None:
    flat = {f"{group}.{name}": one for group in ("service", "sku", "usage") for name, one in GOOGLE[group].items()}
    assert read(
        {**{name: one for name, one in GOOGLE.items() if name not in ("credits", "service", "sku", "usage")}, **flat}
    ) == (Line(DAY, "vertex_ai", None, GOOGLE["sku"]["description"], {"input": 1_000_000}, amount_usd=Decimal("1.25")))


@pytest.mark.parametrize(
    ("service", "provider"),
    [("Vertex AI", "vertex_ai"), ("Gemini API", "gemini"), ("Generative Language API", "gemini"), ("", "vertex_ai")],
)
def test_of_googles_providers_the_service_tells_which(service: str, provider: str) -> None:
    found = read({**FOCUS, "ServiceProviderName": "Google Cloud", "ServiceName": service, "BillingAccountId": "01-2"})
    assert found is not None
    assert found.provider == provider


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**OPENAI_USAGE, "model": None}, "it has no model"),
        ({**OPENAI_USAGE, "input_tokens": Decimal("1.5")}, "which is no count"),
        ({**OPENAI_COST, "line_item": None}, "it has no line_item"),
        ({**OPENAI_COST, "amount": {"value": "NaN", "currency": "usd"}}, "no number that can be"),
        ({**ANTHROPIC_USAGE, "starting_at": "yesterday"}, "which is no date"),
        ({**ANTHROPIC_COST, "amount": "twelve"}, "which is no number"),
        ({**OPENROUTER, "requests": -1}, "which is no count"),
        ({**GOOGLE, "currency": "EUR"}, "only USD"),
        ({**AZURE, "BillingCurrency": ""}, "it has no billingcurrency"),
        ({**FOCUS, "ServiceProviderName": "Acme"}, "no provider of language models known"),
    ],
)
def test_a_record_that_is_wrong_says_how(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        read(record)


@pytest.mark.parametrize(
    "record",
    [
        {**GOOGLE, "service": {"description": "Compute Engine"}},
        {**AZURE, "MeterCategory": "Storage", "MeterSubCategory": "Blob"},
        {**FOCUS, "ServiceCategory": "Databases"},
    ],
)
def test_other_services_are_passed_over(record: dict[str, Any]) -> None:
    assert read(record) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gpt 4o 0806 Inp glbl Tokens", "input"),
        ("gpt-4o-mini-0718-Outp-glbl", "output"),
        ("Gemini 2.5 Flash Thinking Text Output", "output"),
        ("Gemini 2.0 Flash Audio Input", "audio_input"),
        ("Claude cache write 1 hour", "cache_write_1h"),
        ("Claude Sonnet 4.5 prompt caching write", "cache_write_5m"),
        ("Gemini 2.5 Pro cached content storage, hourly", None),
        ("web search", None),
    ],
)
def test_descriptions_tell_the_class(text: str, name: str | None) -> None:
    assert class_of(text) == name


def test_units_tell_how_many() -> None:
    units = {"1K": 2_000, "1M tokens": 2_000_000, "1,000 tokens": 2_000, "Tokens": 2, "1000": 2_000}
    assert {unit: in_tokens(Decimal(2), unit) for unit in units} == units


def test_the_longest_model_named_counts() -> None:
    known = ["gpt-4o", "gpt-4o-mini", "o3", "openai/gpt-4.1"]
    assert model_in("gpt 4o mini 0718 Inp", known) == "gpt-4o-mini"
    assert model_in("GPT 4.1 output", known) == "openai/gpt-4.1"
    assert model_in("proto3 something", known) is None


def test_json_lines_and_parquet_hold_the_same(tmp_path: Path) -> None:
    rows = [{name: str(one) for name, one in FOCUS.items()}] * 2
    lines, parquet = tmp_path / "a.jsonl", tmp_path / "a.parquet"
    lines.write_text("\n".join([*map(json.dumps, rows), "{broken"]))
    pl.DataFrame(rows).write_parquet(parquet)
    assert read_exports([lines]).lines == read_exports([parquet]).lines == [READ["FOCUS"][1]] * 2
    assert [one.record for one in read_exports([lines]).rejected] == [3]
