"""What users of other tools complain about most, as calls with the cost they should have.

Each test names the complaint, b1 to b18. The calls go the whole way: a provider answers over HTTP with the usage of the
complaint, LiteLLM reads it, the collector records it, the hub takes it in and books it. Prices are written out, so that
nothing here depends on LiteLLM's map.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics import quality
from analytics.facts import put_on_spool
from analytics.filters import Filters
from analytics.intake import booking
from analytics.intake.ingest import ingest_once
from analytics.jobs import Job, JobLedger
from analytics.pricing import refresh as refreshing
from analytics.pricing.meters import TOKEN_CLASSES
from analytics.pricing.refresh import refresh
from routing.deciding import decide
from routing.hooks import facts_of
from routing.policy import Asked, Candidate, Policy
from scalix.events import PriceEvent
from scalix.folder import Folder
from scalix.store import views
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.times import now, now_us
from tests.analytics.pricing.scripted_provider import Scripted, call_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRICES = {
    ("gemini", "gemini-x"): {"input": "2", "cache_read": "0.2", "output": "10"},
    ("openai", "gpt-x"): {"input": "2.5", "cache_read": "1.25", "cache_write_5m": "3", "output": "10"},
    ("anthropic", "claude-x"): {
        "input": "3", "cache_read": "0.3", "cache_write_5m": "3.75", "cache_write_1h": "6", "output": "15",
        "web_search": "10000",
    },
    ("xai", "grok-x"): {"input": "3", "cache_read": "0.75", "output": "15"},
    ("openrouter", "vendor/pool"): {"input": "0.03", "output": "0.44"},
}  # fmt: skip


def chat(prompt: int, completion: int, /, *, beside: int = 0, **details: dict[str, int]) -> dict[str, Any]:
    """A usage object of OpenAI's shape; ``beside`` tokens are counted in the total alone."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion + beside,
        **{f"{name}_tokens_details": counts for name, counts in details.items()},
    }


def gemini(prompt: int, cached: int, candidates: int) -> dict[str, int]:
    return {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": candidates,
        "totalTokenCount": prompt + candidates,
    }


def claude(given: int, produced: int, **more: Any) -> dict[str, Any]:
    return {"input_tokens": given, "output_tokens": produced, **more}


WRITES = {
    "cache_creation_input_tokens": 3_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
}
SCRIPTS = (
    Scripted("b1", "gemini/gemini-x", gemini(100_000, 90_000, 500)),
    Scripted(
        "b2",
        "anthropic/claude-x",
        claude(100, 10, cache_read_input_tokens=10_000, cache_creation_input_tokens=0),
    ),
    Scripted("b3", "gemini/gemini-x", gemini(5_000, 4_000, 10)),
    Scripted(
        "b4",
        "xai/grok-x",
        chat(1_000, 1, prompt={"text_tokens": 1_000, "image_tokens": 400, "cached_tokens": 700}),
    ),
    Scripted(
        "b5",
        "anthropic/claude-x",
        claude(10, 1, cache_creation_input_tokens=0),
        late_usage=claude(
            500, 40, server_tool_use={"web_search_requests": 2}, cache_read_input_tokens=2_000, **WRITES
        ),
    ),
    Scripted("b6", "openai/gpt-y", chat(37_400_000, 1)),
    Scripted("b6-dated", "openai/gpt-x-2026-09-01", chat(1_000, 0)),
    Scripted("b7", "openai/vendor/gpt-x", chat(1_000, 1)),
    Scripted("b8", "openrouter/vendor/pool", {**chat(1_000_000, 100_000), "cost": 0.484}),
    Scripted("b10", "xai/grok-x", chat(100, 50, beside=300, completion={"reasoning_tokens": 300})),
    Scripted("b11", "openai/gpt-x", chat(1_000, 0, prompt={"cached_tokens": 1_000})),
    Scripted(
        "b12",
        "openai/gpt-x",
        chat(
            3_000, 500,
            prompt={"cached_tokens": 1_000, "cache_creation_tokens": 500}, completion={"reasoning_tokens": 400},
        ),
    ),
    Scripted("b13", "anthropic/claude-x", claude(0, 1, **WRITES)),
    Scripted(
        "b14",
        "openai/gpt-x",
        chat(100_000, 8_000, prompt={"cached_tokens": 96_000}, completion={"reasoning_tokens": 6_000}),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The ledger of a hub that has taken in all the calls above."""
    folder = Folder(tmp_path_factory.mktemp("field"))
    opened = Ledger.open(folder)
    with opened.cursor() as cursor:
        views.define_in_ledger(cursor)
    put_on_spool(folder.spool, [one for key, amounts in PRICES.items() for one in _events(key, amounts)])
    ingest_once(opened, folder, now_us=now_us())
    booking.forget_warnings()
    call_all(SCRIPTS, folder.spool)
    ingest_once(opened, folder, now_us=now_us())
    yield opened
    opened.close()


def _events(key: tuple[str, str], amounts: dict[str, str]) -> list[PriceEvent]:
    provider, model = key
    known: dict[str, Any] = {"at_us": 1, "provider": provider, "model": model, "valid_from_us": 0}
    return [PriceEvent(meter=meter, amount=Decimal(amount), **known) for meter, amount in amounts.items()]


def row(ledger: Ledger, name: str) -> dict[str, Any]:
    """The one attempt whose answer has this id."""
    found = ledger.read("SELECT * FROM views.attempts WHERE response_id = $name", {"name": name}).to_dicts()
    assert len(found) == 1, name
    return found[0]


def tokens(of: dict[str, Any]) -> dict[str, int]:
    return {name: of[f"{name}_tokens"] for name in TOKEN_CLASSES if of[f"{name}_tokens"]}


def cost(ledger: Ledger, name: str) -> Decimal | None:
    amount: Decimal | None = row(ledger, name)["cost_usd"]
    return amount


def test_b1_gemini_cache_hits_are_not_charged_twice(ledger: Ledger) -> None:
    assert tokens(row(ledger, "b1")) == {"input": 10_000, "cache_read": 90_000, "output": 500}
    assert cost(ledger, "b1") == Decimal("0.043")


def test_b2_anthropic_cache_reads_cost_their_own_price(ledger: Ledger) -> None:
    found = row(ledger, "b2")
    assert tokens(found) == {"input": 100, "cache_read": 10_000, "output": 10}
    assert found["cost_usd"] == Decimal("0.00345")
    assert not found["cache_hit"], "a prompt cache is no answer cache"


def test_b3_gemini_implicit_cache_counts_as_cache(ledger: Ledger) -> None:
    assert cost(ledger, "b3") == Decimal("0.0029")


def test_b4_cached_tokens_that_overlap_images_are_billed_once(ledger: Ledger) -> None:
    assert sum(tokens(row(ledger, "b4")).values()) == 1_001
    assert cost(ledger, "b4") == Decimal("0.000525") + Decimal("0.0009") + Decimal("0.000015")


def test_b5_a_stream_is_billed_by_what_its_end_says(ledger: Ledger) -> None:
    (found,) = ledger.read("SELECT * FROM views.attempts WHERE streaming").to_dicts()  # LiteLLM makes up its id
    assert tokens(found) == {
        "input": 500, "cache_read": 2_000, "cache_write_5m": 1_000, "cache_write_1h": 2_000, "output": 40,
    }  # fmt: skip
    written, searched = Decimal("0.00375") + Decimal("0.012"), Decimal("0.02")
    assert found["cost_usd"] == Decimal("0.0015") + Decimal("0.0006") + written + Decimal("0.0006") + searched


@pytest.mark.parametrize("name", ["b6", "b7"])
def test_b6_b7_a_model_without_a_price_costs_nothing_known(ledger: Ledger, name: str) -> None:
    found = row(ledger, name)
    assert (found["cost_usd"], found["cost_source"]) == (None, "none")
    unpriced = quality.unpriced(Filters(found["started_at"], now()), ledger)
    assert dict(unpriced.select("model", "nearest").iter_rows())[found["model"]] == "gpt-x"


def test_b6_dated_names_are_the_same_model(ledger: Ledger) -> None:
    assert cost(ledger, "b6-dated") == Decimal("0.0025")


def test_b8_b9_what_openrouter_charged_wins_over_a_static_price(ledger: Ledger) -> None:
    found = row(ledger, "b8")
    assert (found["cost_usd"], found["cost_source"]) == (Decimal("0.484"), "provider")
    assert found["booked_by_book_usd"] == Decimal("0.074")
    drift = quality.drift(Filters(found["started_at"], now()), ledger).filter(provider="openrouter")
    assert drift.select("book_usd", "provider_usd").row(0) == (Decimal("0.074"), Decimal("0.484"))


def test_b10_reasoning_outside_the_completion_count_is_billed(ledger: Ledger) -> None:
    assert tokens(row(ledger, "b10")) == {"input": 100, "output": 50, "reasoning": 300}
    assert cost(ledger, "b10") == Decimal("0.00555")


def test_b11_cached_input_is_counted_once(ledger: Ledger) -> None:
    assert cost(ledger, "b11") == Decimal("0.00125")


def test_b12_cache_writes_cached_and_reasoning_are_all_priced(ledger: Ledger) -> None:
    assert sum(tokens(row(ledger, "b12")).values()) == 3_500
    assert cost(ledger, "b12") == Decimal("0.00375") + Decimal("0.00125") + Decimal("0.0015") + Decimal("0.005")


def test_b13_cache_writes_of_an_hour_cost_more_than_those_of_five_minutes(ledger: Ledger) -> None:
    assert cost(ledger, "b13") == Decimal("0.00375") + Decimal("0.012") + Decimal("0.000015")


def test_b14_b15_cached_and_reasoning_together_are_not_doubled(ledger: Ledger) -> None:
    assert sum(tokens(row(ledger, "b14")).values()) == 108_000
    assert cost(ledger, "b14") == Decimal("0.21")


def test_b16_a_refresh_that_fails_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "map.json"
    broken.write_text("{")
    monkeypatch.setattr(refreshing, "installed_file", lambda: broken)
    folder = Folder(tmp_path / "home")
    opened = Ledger.open(folder)
    control = ControlStore.in_folder(folder)
    JobLedger(opened, control, "test").run(Job("prices", 3600, lambda: refresh(opened, NOW)))
    assert "is no price map" in opened.read("SELECT error FROM job_runs").item()
    control.close()
    opened.close()


@pytest.mark.parametrize("order", [1, -1])
def test_b17_a_cheap_cache_decides_and_the_order_does_not(order: int) -> None:
    """At equal list prices the deployment whose cache reads are ten times cheaper answers, wherever it stands."""
    same: dict[str, Any] = {
        "successes": 1000, "latency_s": 1, "cache_share": 0.9, "list_input_usd": 3e-6, "list_output_usd": 1.5e-5,
    }  # fmt: skip
    dear = Candidate(deployment_id="dear", list_cached_usd=3e-6, **same)
    cheap = Candidate(deployment_id="cheap", list_cached_usd=3e-7, **same)
    chosen = decide(Asked(input_tokens=10_000, output_tokens=100), [dear, cheap][::order], Policy(), 0.5)
    assert chosen.deployment_id == "cheap"


def test_b18_prices_of_a_deployment_s_own_are_what_routing_compares() -> None:
    """``gpt-4o`` at a negotiated price, written into ``model_info``, against the list price of the same model."""
    listed = facts_of({"litellm_params": {"model": "openai/gpt-4o"}, "model_info": {"id": "listed"}})
    own = {"id": "own", "input_cost_per_token": 1e-7, "output_cost_per_token": 1e-7}
    negotiated = facts_of({"litellm_params": {"model": "openai/gpt-4o"}, "model_info": own})
    candidates = [
        Candidate(
            deployment_id=name, successes=1000, latency_s=1,
            list_input_usd=facts.list_input_usd, list_output_usd=facts.list_output_usd,
        )
        for name, facts in (("listed", listed), ("own", negotiated))
    ]  # fmt: skip
    assert decide(Asked(), candidates, Policy(), 0.5).deployment_id == "own"
