"""Through real Routers made of the settings: each provider's wire format, caches, legacy mode, a Proxy in front."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import redis as redis_client

from routing.catalogue.known import PROVIDERS
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from scalix.times import now_us
from tests import forked
from tests.collector.conftest import environment, events
from tests.spool_files import take_in

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.demo.providers.log import Request
    from scalix.demo.providers.process import FakeProviders

WIRES = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "gemini",
    "azure": "azure",
    "openrouter": "openrouter",
    "ollama": "ollama",
    "lmstudio": "lmstudio",
    "scalix-pro": "gateway",
}
LITELLM = {name: known.litellm for name, known in PROVIDERS.items()}
LONG_AFTER_US = 3600 * 1_000_000


@dataclass(frozen=True)
class Ran:
    """What the calls came back with, and what the ledger holds of them."""

    results: dict[str, Any]
    rows: list[dict[str, Any]]
    spool: Path


def run(home: Path, providers: FakeProviders, *caches: str, **variables: str) -> Ran:
    command = ["-m", "tests.routing.catalogue.calls", providers.url, str(providers.folder), *caches]
    known = {name: value for name, value in environment(home / "spool").items() if not name.endswith("_API_KEY")}
    done = forked.run(*command, env=known | {"SCALIX_HOME": str(home)} | variables, check=True)
    ledger = Ledger.open(Folder(home))
    try:
        take_in(ledger, now_us=now_us() + LONG_AFTER_US)
        with ledger.cursor() as cursor:
            views.define_in_ledger(cursor)
        rows = ledger.read("SELECT * FROM views.attempts ORDER BY started_at").to_dicts()
    finally:
        ledger.close()
    return Ran(json.loads(done.stdout.splitlines()[-1]), rows, home / "spool")


@pytest.fixture(scope="module")
def ran(providers: FakeProviders, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(tmp_path_factory.mktemp("catalogue"), providers)


def two_requests(providers: FakeProviders, wire: str) -> tuple[Request, Request]:
    whole, streamed = providers.requests(f"{wire}-cat")[:2]
    return whole, streamed


@pytest.mark.parametrize("name", WIRES)
def test_each_provider_is_spoken_to_in_its_own_format(ran: Ran, providers: FakeProviders, name: str) -> None:
    text, prompt, completion, streamed_text = ran.results["providers"][name]
    whole, streamed = two_requests(providers, WIRES[name])
    assert (whole.outcome, whole.streaming, streamed.outcome, streamed.streaming) == (
        "answered",
        False,
        "answered",
        True,
    )
    assert text.count("word") - text.count("words.txt") == whole.tokens.output
    assert streamed_text.count("word") - streamed_text.count("words.txt") == streamed.tokens.output
    assert (prompt, completion) == (whole.tokens.all_input, whole.tokens.all_output)


@pytest.mark.parametrize("name", WIRES)
def test_each_answer_is_recorded_under_litellms_name_with_the_providers_counts(
    ran: Ran, providers: FakeProviders, name: str
) -> None:
    for request in two_requests(providers, WIRES[name]):
        row = next(
            row
            for row in ran.rows
            if (row["provider"], row["model_group"], row["streaming"])
            == (LITELLM[name], f"{name}/{request.model}", request.streaming)
        )
        counted = (row["input_tokens"] or 0) + (row["cache_read_tokens"] or 0)
        produced = (row["output_tokens"] or 0) + (row["reasoning_tokens"] or 0)
        assert (counted, produced) == (request.tokens.all_input, request.tokens.all_output)
        assert row["status"] == "success"
        if request.cost_pusd is not None and name != "azure":  # whose list price is another
            assert int(row["cost_usd"] * 10**12) == request.cost_pusd


def test_the_models_are_listed_in_python(ran: Ran) -> None:
    assert ran.results["models"] == ["google/gemini-2.5-flash"]


def test_auto_is_answered(ran: Ran) -> None:
    assert ran.results["auto"] == 3
    assert len([row for row in ran.rows if row["model_group"] == "auto" and row["status"] == "success"]) >= 3


def test_a_model_that_is_not_configured_is_named_with_what_to_do(ran: Ran) -> None:
    assert "openai is configured without gpt-5; add it to its models in" in ran.results["unknown"]


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_an_equal_question_is_answered_from_the_cache_and_the_ledger_has_what_it_saved(ran: Ran, kind: str) -> None:
    assert ran.results[kind] == [False, True, True, False]


def test_savings_are_in_the_ledger(ran: Ran) -> None:
    hits = [row for row in ran.rows if row["cache_hit"]]
    assert len(hits) >= 4, "two in memory, two on disk"
    assert all(row["cost_usd"] == 0 and row["saved_usd"] > 0 and row["upstream"] is False for row in hits)


def test_a_cache_that_cannot_be_reached_fails_no_call(ran: Ran) -> None:
    assert len(ran.results["unreachable"]) == 4


def test_legacy_mode_passes_routing_retries_and_cache_by_and_is_still_recorded(
    ran: Ran, providers: FakeProviders
) -> None:
    assert ran.results["legacy"] == "InternalServerError, then 2 answers, False"
    assert [request.status for request in providers.requests("openai-legacy")] == [500, 200, 200]
    recorded = [row for row in ran.rows if "openai-legacy" in (row["api_base"] or "")]
    assert [row["status"] for row in recorded] == ["failure", "success", "success"]
    traces = {str(row["trace_id_text"]) for row in recorded}
    assert not [one for one in events(ran.spool, "decision") if one.get("trace_id") in traces]


def test_with_a_proxy_in_front_every_name_is_the_proxys(ran: Ran, providers: FakeProviders) -> None:
    (request,) = providers.requests("openai-theproxy")
    assert request.model == "some-group"
    assert ran.results["proxy"].startswith("word")


@pytest.mark.redis
def test_redis_keeps_answers_too(providers: FakeProviders, tmp_path: Path) -> None:
    url = "redis://127.0.0.1:6379/7"
    try:
        redis_client.Redis.from_url(url).ping()
    except redis_client.ConnectionError:
        pytest.skip("no Redis at 127.0.0.1:6379")
    ran = run(tmp_path, providers, "redis", REDIS_URL=url)
    assert ran.results["redis"] == [False, True, True, False]
    assert [row["saved_usd"] > 0 for row in ran.rows if row["cache_hit"]] == [True, True]
