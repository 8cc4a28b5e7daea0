"""Through LiteLLM's real Router over HTTP: calls go to the cheapest deployment that answers, sync and async."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from routing.explaining import matches
from scalix import snapshot
from scalix.snapshot import Mode
from tests import forked
from tests.collector.conftest import PYTHON, attempts, environment, events

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider

PRELUDE = """
import asyncio, json, sys
import scalix
base = sys.argv[1]
def deployment(name, behaviour, price):
    return {"model_name": "chat", "model_info": {"id": name}, "litellm_params": {
        "model": "openai/gpt-4o-mini", "api_key": "sk-test", "api_base": f"{base}/{behaviour}/v1",
        "input_cost_per_token": price, "output_cost_per_token": price}}
MESSAGES = [{"role": "user", "content": "hi"}]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(home: Path, provider: FakeProvider, body: str) -> Any:
    variables = environment(home / "spool") | {"SCALIX_HOME": str(home)}
    command = ["-c", PRELUDE + textwrap.dedent(body), f"http://127.0.0.1:{provider.port}"]
    done = forked.run(*command, env=variables, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def decisions(home: Path) -> list[dict[str, Any]]:
    return events(home / "spool", "decision")


def test_async_calls_leave_a_failing_deployment_and_all_are_answered(home: Path, provider: FakeProvider) -> None:
    answered = run(
        home,
        provider,
        """
        router = scalix.router([deployment("broken", "err500", 1e-6), deployment("works", "ok", 2e-6)])
        async def main():
            found = [await router.acompletion("chat", messages=MESSAGES) for _ in range(30)]
            print(json.dumps(len(found)))
        asyncio.run(main())
        """,
    )
    assert answered == 30
    rows = attempts(home / "spool")
    reached = Counter((row["deployment_id"], row["status"]) for row in rows)
    assert reached["works", "success"] == 30
    assert 1 <= reached["broken", "failure"] <= 5
    made = decisions(home)
    assert made, "one healthy deployment is no choice, but at first there are two"
    assert all(matches(decision["decision"]) for decision in made)
    assert {decision["trace_id"] for decision in made} >= {row["trace_id"] for row in rows if "trace_id" in row}


def test_synchronous_calls_are_routed_by_the_same_policy(home: Path, provider: FakeProvider) -> None:
    answered = run(
        home,
        provider,
        """
        router = scalix.router([deployment("dear", "ok", 9e-6), deployment("cheap", "ok", 1e-6)])
        print(json.dumps(len([router.completion("chat", messages=MESSAGES) for _ in range(20)])))
        """,
    )
    assert answered == 20
    reached = Counter(row["deployment_id"] for row in attempts(home / "spool"))
    assert reached["cheap"] >= 17
    assert len(decisions(home)) == 20


def test_in_shadow_litellm_chooses_and_decisions_are_recorded(home: Path, provider: FakeProvider) -> None:
    snapshot.write_mode(home / "snapshot", Mode(mode="shadow"))
    run(
        home,
        provider,
        """
        router = scalix.router([deployment("dear", "ok", 9e-6), deployment("cheap", "ok", 1e-6)])
        async def main():
            await asyncio.gather(*(router.acompletion("chat", messages=MESSAGES) for _ in range(40)))
            print(0)
        asyncio.run(main())
        """,
    )
    reached = Counter(row["deployment_id"] for row in attempts(home / "spool"))
    assert reached["dear"] >= 8, "simple shuffle spreads evenly"
    assert len(decisions(home)) == 40
    assert not any(decision["acted"] for decision in decisions(home))


def test_a_fault_of_ours_fails_no_call(home: Path, provider: FakeProvider) -> None:
    answered = run(
        home,
        provider,
        """
        from scalix.routing_setup import routing_hooks
        router = scalix.router([deployment("one", "ok", 9e-6), deployment("two", "ok", 1e-6)])
        def broken(*_):
            raise RuntimeError("ours")
        routing_hooks().chooser.choose = broken
        async def main():
            await asyncio.gather(*(router.acompletion("chat", messages=MESSAGES) for _ in range(5)))
            print(json.dumps(len([router.completion("chat", messages=MESSAGES) for _ in range(5)])))
        asyncio.run(main())
        """,
    )
    assert answered == 5


def test_fallback_groups_are_tried_in_the_order_of_the_moment(home: Path, provider: FakeProvider) -> None:
    run(
        home,
        provider,
        """
        def named(group, name, behaviour, price):
            return {**deployment(name, behaviour, price), "model_name": group}
        router = scalix.router(
            [named("a", "a1", "err500", 1e-6), named("b", "b1", "ok", 9e-6), named("c", "c1", "ok", 2e-6)],
            fallbacks=[{"a": ["b", "c"]}], num_retries=0)
        async def main():
            for _ in range(3):
                await router.acompletion("a", messages=MESSAGES)
            router.completion("a", messages=MESSAGES)
            print(0)
        asyncio.run(main())
        """,
    )
    reached = Counter(row["deployment_id"] for row in attempts(home / "spool"))
    assert (reached["c1"], reached["b1"]) == (4, 0)


def test_legacy_mode_asks_one_provider_once(home: Path, provider: FakeProvider) -> None:
    snapshot.write_mode(home / "snapshot", Mode(mode="legacy", provider="openai"))
    failed = run(
        home,
        provider,
        """
        other = deployment("other", "ok", 1e-6)
        other["litellm_params"]["model"] = "openrouter/gpt-4o-mini"
        router = scalix.router([other, deployment("broken", "err500", 1e-6), deployment("works", "ok", 1e-6)])
        async def main():
            failed = 0
            for _ in range(2):
                try:
                    await router.acompletion("chat", messages=MESSAGES)
                except Exception:
                    failed += 1
            print(failed)
        asyncio.run(main())
        """,
    )
    assert failed == 2
    rows = attempts(home / "spool")
    assert {row["deployment_id"] for row in rows} == {"broken"}
    assert len(rows) == 2, "no retries"
    assert decisions(home) == []


def test_a_policy_is_set_and_a_wrong_one_is_told(home: Path, provider: FakeProvider) -> None:
    told = run(
        home,
        provider,
        """
        from scalix.routing_setup import routing_hooks
        scalix.router([deployment("one", "ok", 9e-6)], policy={"most_p95_s": 2.5})
        try:
            scalix.router([deployment("one", "ok", 9e-6)], policy={"most_p95": 2.5})
        except scalix.errors.SettingsError as error:
            print(json.dumps([routing_hooks().chooser.observed.most_p95_s, str(error)]))
        """,
    )
    assert told[0] == 2.5
    assert "most_p95" in told[1]


def test_importing_routing_loads_nothing_heavy() -> None:
    body = """
        import json, sys
        import routing.answers, routing.choosing, routing.explaining, routing.grouping, routing.legacy, routing.observed
        print(json.dumps(sorted(sys.modules)))
    """
    output = subprocess.check_output([PYTHON, "-c", textwrap.dedent(body)])
    loaded = {name.partition(".")[0] for name in json.loads(output)}
    heavy = {"duckdb", "polars", "pyarrow", "streamlit", "apscheduler", "pydantic", "litellm", "httpx", "openai"}
    assert loaded & heavy == set()
