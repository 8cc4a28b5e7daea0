"""What users of other tools complain about most, as calls with the cost they should have.

Each test names the complaint. Prices are written out, so that nothing here depends on LiteLLM's map.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from analytics.jobs import Job, JobLedger
from analytics.pricing import refresh as refreshing
from analytics.pricing.ask import Answer, ask
from analytics.pricing.book import Book, of_map
from analytics.pricing.facts import PriceKey
from analytics.pricing.litellm_map import PriceMap
from analytics.pricing.refresh import refresh
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.times import EPOCH

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRICES = {
    ("gemini", "gemini-x"): {"input": "2", "cache_read": "0.2", "output": "10"},
    ("openai", "gpt-x"): {"input": "2.5", "cache_read": "1.25", "cache_write_5m": "3", "output": "10"},
    ("anthropic", "claude-x"): {
        "input": "3",
        "cache_read": "0.3",
        "cache_write_5m": "3.75",
        "cache_write_1h": "6",
        "output": "15",
    },
    ("xai", "grok-x"): {"input": "3", "cache_read": "0.75", "output": "15"},
}


def answer(provider: str, model: str, usage: dict[str, Any]) -> Answer:
    """A usage object priced by the prices above."""
    prices = {
        PriceKey(provider, model, meter): Decimal(amount)
        for (provider, model), amounts in PRICES.items()
        for meter, amount in amounts.items()
    }
    book = Book(of_map(PriceMap(prices, "written out"), EPOCH, EPOCH))
    return ask(book, provider, model, json.dumps(usage), NOW, NOW)


def quantities(given: Answer) -> dict[str, int]:
    return {name: int(count) for name, count in given.quantities.items() if count}


def test_b1_gemini_cache_hits_are_not_charged_twice() -> None:
    usage = {"promptTokenCount": 100_000, "cachedContentTokenCount": 90_000, "candidatesTokenCount": 500}
    given = answer("gemini", "gemini-x", usage | {"totalTokenCount": 100_500})
    assert quantities(given) == {"input": 10_000, "cache_read": 90_000, "output": 500}
    assert given.cost_usd == Decimal("0.043")


def test_b2_anthropic_cache_reads_cost_their_own_price() -> None:
    usage = {"input_tokens": 100, "cache_read_input_tokens": 10_000, "cache_creation_input_tokens": 0}
    given = answer("anthropic", "claude-x", usage | {"output_tokens": 10})
    assert given.cost_usd == Decimal("0.00345")


def test_b3_gemini_implicit_cache_counts_as_cache() -> None:
    usage = {"prompt_tokens": 5_000, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 4_000}}
    assert answer("gemini", "gemini-x", usage).cost_usd == Decimal("0.0029")


def test_b4_cached_tokens_that_overlap_images_are_billed_once() -> None:
    details = {"text_tokens": 1_000, "image_tokens": 400, "cached_tokens": 700}
    usage = {"prompt_tokens": 1_000, "completion_tokens": 0, "total_tokens": 1_000, "prompt_tokens_details": details}
    given = answer("xai", "grok-x", usage)
    assert sum(quantities(given).values()) == 1_000
    assert given.cost_usd == Decimal("0.000525") + Decimal("0.0009")


@pytest.mark.parametrize("model", ["gpt-y", "vendor/gpt-x"])
def test_b6_b7_a_model_without_a_price_costs_nothing_known(model: str) -> None:
    given = answer("openai", model, {"prompt_tokens": 37_400_000, "completion_tokens": 1})
    assert given.cost_usd is None
    assert given.nearest == "gpt-x"
    assert given.priced is None


@pytest.mark.parametrize("model", ["gpt-x-2026-09-01", "openai/gpt-x", "openai/openai/gpt-x", "gpt-x@20260901"])
def test_b6_dated_and_prefixed_names_are_the_same_model(model: str) -> None:
    assert answer("openai", model, {"prompt_tokens": 1_000, "completion_tokens": 0}).cost_usd == Decimal("0.0025")


def test_b10_reasoning_outside_the_completion_count_is_billed() -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 450}
    given = answer("xai", "grok-x", usage | {"completion_tokens_details": {"reasoning_tokens": 300}})
    assert quantities(given) == {"input": 100, "output": 50, "reasoning": 300}
    assert given.cost_usd == Decimal("0.00555")


def test_b11_cached_input_is_counted_once() -> None:
    usage = {"prompt_tokens": 1_000, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 1_000}}
    assert answer("openai", "gpt-x", usage).cost_usd == Decimal("0.00125")


def test_b12_cache_writes_cached_and_reasoning_are_all_priced() -> None:
    usage = {
        "prompt_tokens": 3_000,
        "completion_tokens": 500,
        "prompt_tokens_details": {"cached_tokens": 1_000, "cache_creation_tokens": 500},
        "completion_tokens_details": {"reasoning_tokens": 400},
    }
    given = answer("openai", "gpt-x", usage)
    assert sum(quantities(given).values()) == 3_500
    assert given.cost_usd == Decimal("0.00375") + Decimal("0.00125") + Decimal("0.0015") + Decimal("0.005")


def test_b5_b13_cache_writes_of_an_hour_cost_more_than_those_of_five_minutes() -> None:
    usage = {
        "input_tokens": 0,
        "output_tokens": 1,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
    }
    given = answer("anthropic", "claude-x", usage)
    assert given.cost_usd == Decimal("0.00375") + Decimal("0.012") + Decimal("0.000015")


def test_b14_b15_cached_and_reasoning_together_are_not_doubled() -> None:
    usage = {
        "prompt_tokens": 100_000,
        "completion_tokens": 8_000,
        "total_tokens": 108_000,
        "prompt_tokens_details": {"cached_tokens": 96_000},
        "completion_tokens_details": {"reasoning_tokens": 6_000},
    }
    given = answer("openai", "gpt-x", usage)
    assert sum(quantities(given).values()) == 108_000
    assert given.cost_usd == Decimal("0.21")


def test_b16_a_refresh_that_fails_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "map.json"
    broken.write_text("{")
    monkeypatch.setattr(refreshing, "installed_file", lambda: broken)
    folder = Folder(tmp_path / "home")
    ledger = Ledger.open(folder)
    control = ControlStore.in_folder(folder)
    JobLedger(ledger, control, "test").run(Job("prices", 3600, lambda: refresh(ledger, NOW)))
    assert "is no price map" in ledger.read("SELECT error FROM job_runs").item()
    control.close()
    ledger.close()


def test_b16_what_the_book_knows_says_since_when() -> None:
    prices = PriceMap({PriceKey("openai", "gpt-x", "input"): Decimal(1)}, "litellm 1 sha256 0")
    facts = of_map(prices, NOW, EPOCH)
    assert facts.select("known_from", "source").row(0) == (NOW, "litellm 1 sha256 0")
    assert facts.schema["amount"] == pl.Decimal(30, 12)
