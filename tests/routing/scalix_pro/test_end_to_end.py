"""Scalix Pro through real LiteLLM against the fake Engine and Gateway: endpoint, body, keys, streams, tags, costs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from routing.breaker import FAILURES
from scalix.cli.app import app
from scalix.demo.providers.wire.scalix_pro import CLOSING, OPENING, THOUGHT
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from scalix.times import now_us
from tests import forked
from tests.collector.conftest import environment
from tests.spool_files import take_in

if TYPE_CHECKING:
    from scalix.demo.providers.log import Request
    from scalix.demo.providers.process import FakeProviders

ANSWER = f"{OPENING}{'word ' * 6}{CLOSING}"
LONG_AFTER_US = 3600 * 1_000_000
OPTIONS = {
    "files": [{"path": "src/App.tsx", "content": "<div/>"}],
    "enable_lazy_edits": True,
    "enable_smart_files_context": False,
}


@dataclass(frozen=True)
class Ran:
    """What the calls came back with, what Engine and Gateway saw, and what the ledger holds."""

    results: dict[str, Any]
    engine: list[Request]
    gateway: list[Request]
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def ran(providers: FakeProviders, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = Folder(tmp_path_factory.mktemp("pro"))
    variables = environment(folder.spool) | {
        "SCALIX_HOME": str(folder.root),
        "SCALIX_PRO_API_KEY": "scalix_secret",
        "SCALIX_PRO_ENGINE_URL": providers.api_base("engine-e2e"),
        "SCALIX_PRO_GATEWAY_URL": providers.api_base("gateway-e2e"),
    }
    done = forked.run("-m", "tests.routing.scalix_pro.calls", env=variables, check=True)
    assert b"scalix_secret" not in b"".join(path.read_bytes() for path in folder.spool.iterdir())
    ledger = Ledger.open(folder)
    try:
        CliRunner().invoke(
            app, ["prices", "set", "scalix-pro", "house-*", "input=2", "output=4", "--folder", str(folder.root)]
        )
        take_in(ledger, now_us=now_us() + LONG_AFTER_US)
        with ledger.cursor() as cursor:
            views.define_in_ledger(cursor)
        rows = ledger.read("SELECT * FROM views.attempts WHERE provider = 'scalix-pro' ORDER BY started_at").to_dicts()
    finally:
        ledger.close()
    results = json.loads(done.stdout.splitlines()[-1])
    return Ran(results, providers.requests("engine-e2e"), providers.requests("gateway-e2e"), rows)


@pytest.mark.parametrize("call", ["sync", "sync_engine", "async"])
def test_an_answer_keeps_its_tags_its_thinking_and_its_counts(ran: Ran, call: str) -> None:
    assert ran.results[call] == {"text": ANSWER, "thinking": THOUGHT * 4, "tokens": [49, 10, 4]}


@pytest.mark.parametrize("call", ["sync_stream", "async_engine_stream"])
def test_a_stream_passes_text_and_thinking_through_piece_by_piece(ran: Ran, call: str) -> None:
    told = ran.results[call]
    assert (told["text"], told["thinking"], told["finish"]) == (ANSWER, THOUGHT * 4, ["stop"])
    assert told["chunks"] > 10


def test_the_engine_gets_the_options_and_the_gateway_none(ran: Ran) -> None:
    assert [request.scalix_options for request in ran.engine] == [OPTIONS, OPTIONS]
    assert all(request.scalix_options is None for request in ran.gateway)
    assert {request.outcome for request in ran.engine} == {"answered"}


def test_whom_a_call_is_for_is_sent_along(ran: Ran) -> None:
    assert {request.user for request in ran.engine} == {"ada"}
    assert [request.user for request in ran.gateway[:3]] == ["ada", "grace", "ada"]


def test_streams_are_asked_for_their_usage(ran: Ran) -> None:
    assert all(request.usage_sent for request in (*ran.engine, *ran.gateway) if request.outcome == "answered")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("fake-429:7", "RateLimitError"),
        ("fake-500", "InternalServerError"),
        ("fake-401", "AuthenticationError"),
        ("fake-context", "ContextWindowExceededError"),
        ("fake-400", "BadRequestError"),
    ],
)
def test_errors_are_those_of_any_provider(ran: Ran, fault: str, expected: str) -> None:
    told = ran.results["failures"][fault]
    assert (told["class"], told["provider"]) == (expected, "scalix-pro")
    assert told["retry_after"] == ("7" if fault == "fake-429:7" else None)
    assert "ustom_openai" not in told["message"]


def test_a_foreign_key_never_leaves_the_process(ran: Ran) -> None:
    told = ran.results["foreign_key"]
    assert told["class"] == "AuthenticationError"
    assert "begins with scalix_" in told["message"]
    assert "somebody" not in told["message"]
    rejected = [row for row in ran.rows if row["error_kind"] == "rejected"]
    assert {row["error_class"] for row in rejected} == {"AuthenticationError", "BadRequestError"}
    assert ran.results["wrong_options"]["class"] == "BadRequestError"
    assert len(ran.rows) - len(rejected) == len(ran.engine) + len(ran.gateway)


def test_a_stream_that_cannot_be_opened_moves_on_within_its_group(ran: Ran) -> None:
    texts = ran.results["routed"]
    assert len(texts) == 4
    assert all(text.startswith(OPENING) for text in texts)
    reached = [request.model for request in ran.gateway if request.model in {"fake-503", "gpt-4o"}]
    assert reached.count("gpt-4o") == 4
    assert reached.count("fake-503") == FAILURES, "once in each request, until the breaker opens"


def test_every_answer_is_in_the_ledger_at_what_scalix_pro_says_it_cost_or_at_an_own_price(ran: Ran) -> None:
    answered = {request.request_id: request for request in (*ran.engine, *ran.gateway) if request.status == 200}
    booked = {row["response_id"]: row for row in ran.rows if row["status"] == "success"}
    assert booked.keys() == answered.keys()
    for name, request in answered.items():
        row = booked[name]
        if request.cost_pusd is None:
            assert (row["model"], row["cost_source"], str(row["cost_usd"])) == (
                "house-1",
                "price_book",
                "0.000240000000",
            )
            continue
        assert (row["cost_source"], int(row["cost_usd"] * 10**12)) == ("provider", request.cost_pusd)
        assert row["model"] == request.model
    users = [row["user_id"] for row in booked.values() if row["model"] == "gemini-2.5-flash"]
    assert sorted(map(str, users)) == ["None", *["ada"] * 4]
