"""Through real Routers: what is tried again, what moves on, what is not repeated, and what people are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests import forked
from tests.collector.conftest import environment

if TYPE_CHECKING:
    from scalix.demo.providers.process import FakeProviders

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results(providers: FakeProviders, tmp_path_factory: pytest.TempPathFactory) -> Results:
    home = tmp_path_factory.mktemp("failing")
    command = ["-m", "tests.routing.recovery.calls", providers.url, str(providers.folder)]
    variables = environment(home / "spool") | {"SCALIX_HOME": str(home)}
    done = forked.run(*command, env=variables, check=True)
    answer: Results = json.loads(done.stdout.splitlines()[-1])
    return answer


def statuses(providers: FakeProviders, name: str) -> list[int | None]:
    return [request.status for request in providers.requests(name)]


@pytest.mark.parametrize(
    ("scenario", "name", "seen"),
    [
        ("retry-after", "openai-r1", [429, 200]),
        ("server", "openai-r2", [500, 503, 502, 200]),
        ("network", "openai-r3", [None, 200]),
        ("sync_server", "openai-s1", [500, 200]),
    ],
)
def test_what_passes_by_itself_is_tried_again(
    results: Results, providers: FakeProviders, scenario: str, name: str, seen: list[int | None]
) -> None:
    assert results[scenario]["class"] is None, results[scenario]
    assert statuses(providers, name) == seen


@pytest.mark.usefixtures("results")
def test_retry_after_is_waited_for(providers: FakeProviders) -> None:
    first, second = providers.requests("openai-r1")
    assert second.arrived_us - first.ended_us >= 1_000_000


@pytest.mark.parametrize(
    ("scenario", "failing", "other"),
    [
        ("key", "openai-r4", "openai-r5"),
        ("rights", "openai-r6", "openai-r7"),
        ("unavailable", "openai-r8", "openai-r9"),
    ],
)
def test_another_deployment_takes_over_at_once(
    results: Results, providers: FakeProviders, scenario: str, failing: str, other: str
) -> None:
    assert results[scenario]["class"] is None, results[scenario]
    assert len(statuses(providers, failing)) <= 1, "what failed in a request is not asked again in it"
    assert statuses(providers, other) == [200]


def test_a_group_in_which_all_are_limited_is_waited_for(results: Results) -> None:
    assert results["limited"]["class"] is None, results["limited"]


def test_there_are_three_retries_and_no_more(results: Results, providers: FakeProviders) -> None:
    assert statuses(providers, "openai-f1") == [500] * 4
    told = results["dead"]
    assert told["class"] == "InternalServerError"
    assert told["chain"] == [["openai-f1", "server", "500"]] * 4
    assert told["plain"] == "OpenAI has a problem of its own; try again later"
    assert told["seconds"] >= 0.25 + 0.5 + 1.0, "each wait is at least half of 0.5, 1 and 2 seconds"


@pytest.mark.parametrize(
    ("scenario", "names", "expected"),
    [
        ("bad", ("openai-f5", "openai-f6"), "bad_request"),
        ("context", ("openai-f7",), "context_window"),
        ("only_key", ("openai-f8",), "auth"),
        ("long", ("openai-f9",), "rate_limit"),
        ("own", ("openai-f10",), "server"),
    ],
)
def test_what_would_not_help_is_not_repeated(
    results: Results, providers: FakeProviders, scenario: str, names: tuple[str, ...], expected: str
) -> None:
    assert sum(len(statuses(providers, name)) for name in names) == 1
    assert results[scenario]["kind"] == expected


def test_people_are_told_in_plain_words_and_the_cause_is_kept(results: Results) -> None:
    told = results["long"]
    assert told["class"] == "RateLimitError"
    assert "OpenAI takes no more requests for now; try again in 3600 s, or raise the limit there" in told["text"]
    assert "fake openai-f9 says 429" in told["cause"]
    assert told["cause"] in told["text"]


def test_when_all_failed_the_whole_chain_is_told_across_groups(results: Results) -> None:
    told = results["groups"]
    reached = sorted(map(tuple, told["chain"]))
    assert reached == [
        ("openai-f2", "auth", "401"),
        ("openai-f3", "timeout", "504"),
        ("openai-f4", "permission", "403"),
    ]
    assert "All 3 attempts failed:" in told["text"]
    for name in ("openai-f2", "openai-f3", "openai-f4"):
        assert name in told["text"]


def test_synchronous_calls_are_told_the_same_way(results: Results) -> None:
    told = results["sync_key"]
    assert sorted(map(tuple, told["chain"])) == [("openai-s2", "auth", "401"), ("openai-s3", "permission", "403")]
    assert "All 2 attempts failed:" in told["text"]
