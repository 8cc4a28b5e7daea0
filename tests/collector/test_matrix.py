"""Exactly the attempts the provider saw, each once, with the right status, tokens equal or inside the bounds."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from typing import TYPE_CHECKING, Any

import litellm
import pytest
from litellm import Router
from litellm.caching.caching import Cache
from typing_extensions import override

import scalix
from tests.collector.conftest import events, until
from tests.collector.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider

MODEL = "gpt-4o-mini"
PROMPT = "a question long enough that its bytes bound the tokens which the provider makes up " * 3
MESSAGES = [{"role": "user", "content": PROMPT}]
_fresh = itertools.count()
litellm.suppress_debug_info = True

CHAT: dict[str, Any] = {"messages": MESSAGES, "max_tokens": 100}
RESPONSES: dict[str, Any] = {"input": PROMPT, "max_output_tokens": 100}
EMBEDDING: dict[str, Any] = {"input": [PROMPT]}
# What is called → the name of its function directly and on a Router, its arguments, the provider it is made for.
KINDS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "completion": ("completion", "completion", CHAT, "openai"),
    "stream": ("completion", "completion", {**CHAT, "stream": True}, "openai"),
    "embedding": ("embedding", "embedding", EMBEDDING, "openai"),
    "responses": ("responses", "responses", RESPONSES, "openai"),
    "responses stream": ("responses", "responses", {**RESPONSES, "stream": True}, "openai"),
    "acompletion": ("acompletion", "acompletion", CHAT, "openai"),
    "astream": ("acompletion", "acompletion", {**CHAT, "stream": True}, "openai"),
    "aembedding": ("aembedding", "aembedding", EMBEDDING, "openai"),
    "aresponses": ("aresponses", "aresponses", RESPONSES, "openai"),
    "aresponses stream": ("aresponses", "aresponses", {**RESPONSES, "stream": True}, "openai"),
    "messages": ("anthropic_messages", "aanthropic_messages", CHAT, "anthropic"),
    "messages stream": ("anthropic_messages", "aanthropic_messages", {**CHAT, "stream": True}, "anthropic"),
    "anthropic": ("acompletion", "acompletion", CHAT, "anthropic"),
    "anthropic stream": ("acompletion", "acompletion", {**CHAT, "stream": True}, "anthropic"),
}
SYNC = [kind for kind, call in KINDS.items() if call[0] in {"completion", "embedding", "responses"}]
STREAMS = [kind for kind, call in KINDS.items() if call[2].get("stream")]
ASYNC_PLAIN = [kind for kind in KINDS if kind not in SYNC and kind not in STREAMS]


class Case(Recorded):
    """One request through LiteLLM and what became of it on both sides."""

    @override
    def settled(self, rows: list[dict[str, Any]], statuses: tuple[str, ...]) -> bool:
        finals = [row for row in rows if row["kinds"] & {"success", "failure"} or "opened" in row["kinds"]]
        return super().settled(rows, statuses) and len(finals) == len(rows)


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """This process's spool: the collector is installed once, as in an application."""
    folder = tmp_path_factory.mktemp("matrix") / "spool"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCALIX_SPOOL", str(folder))
        status = scalix.install(strict=True)
    recorder = status.callback.recorder
    recorder.spool.close()
    recorder.spool.folder = folder
    guard = sys.modules["scalix.collector.guard"].guard
    errors = guard.errors
    yield folder
    assert guard.errors == errors, guard.last_error


@pytest.fixture
def case(provider: FakeProvider, spool: Path) -> Case:
    return Case(provider, spool)


def params(provider: FakeProvider, maker: str, behaviour: str) -> dict[str, Any]:
    """What LiteLLM needs to reach the fake provider and have it behave so."""
    base = provider.at(behaviour)
    if maker == "anthropic":
        return {"model": "anthropic/claude-sonnet-4-5", "api_base": base.removesuffix("/v1"), "api_key": "sk-ant-x"}
    return {"model": f"openai/{MODEL}", "api_base": base, "api_key": "sk-test"}


def router(provider: FakeProvider, maker: str, **behaviours: str) -> Router:
    """A Router with one deployment per group, named after the group."""
    models = [
        {"model_name": group, "litellm_params": params(provider, maker, b), "model_info": {"id": f"dep-{group}"}}
        for group, b in behaviours.items()
    ]
    chain = list(behaviours)
    return Router(model_list=models, num_retries=0, fallbacks=[{chain[0]: chain[1:]}] if chain[1:] else [])


def direct(provider: FakeProvider, kind: str, behaviour: str, **more: Any) -> Callable[[], Any]:
    name, _, arguments, maker = KINDS[kind]
    return lambda: getattr(litellm, name)(**params(provider, maker, behaviour), **arguments, **more)


def routed(through: Router, kind: str, **more: Any) -> Callable[[], Any]:
    _, name, arguments, _ = KINDS[kind]
    group = through.model_list[0]["model_name"]
    return lambda: getattr(through, name)(model=group, **arguments, **more)


def run(kind: str, call: Callable[[], Any]) -> None:
    """Make the call and take in what it gives, to the end; errors of LiteLLM come through."""
    if kind in SYNC:
        answer = call()
        for _ in answer if kind in STREAMS else ():
            pass
        return

    async def main() -> None:
        answer = await call()
        if kind in STREAMS:
            async for _ in answer:
                pass
        await asyncio.sleep(0.05)  # lets LiteLLM deliver its final events before the loop ends

    asyncio.run(main())


def fails(kind: str, call: Callable[[], Any]) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011  which error it is differs by kind of call and is not the point
        run(kind, call)


@pytest.mark.parametrize("kind", KINDS)
def test_direct_success(kind: str, provider: FakeProvider, case: Case) -> None:
    run(kind, direct(provider, kind, "ok"))
    (row,) = case.expect("success")
    assert (row["provider"], row["streaming"]) == (KINDS[kind][3], kind in STREAMS)


@pytest.mark.parametrize("kind", KINDS)
def test_direct_failure_is_one_attempt(kind: str, provider: FakeProvider, case: Case) -> None:
    """The OpenAI client would repeat it twice, unseen."""
    fails(kind, direct(provider, kind, "err500"))
    (row,) = case.expect("failure")
    assert (row["error_kind"], row["error_code"]) == ("server", "500")


@pytest.mark.parametrize("kind", KINDS)
def test_direct_rate_limit(kind: str, provider: FakeProvider, case: Case) -> None:
    fails(kind, direct(provider, kind, "err429"))
    (row,) = case.expect("failure")
    assert row["error_kind"] == "rate_limit"


@pytest.mark.parametrize("kind", KINDS)
def test_direct_timeout(kind: str, provider: FakeProvider, case: Case) -> None:
    fails(kind, direct(provider, kind, "hang", timeout=0.3))
    (row,) = case.expect("failure")
    assert row["error_kind"] == "timeout"


@pytest.mark.parametrize("kind", ASYNC_PLAIN)
def test_cancelled(kind: str, provider: FakeProvider, case: Case) -> None:
    async def main() -> None:
        task = asyncio.create_task(direct(provider, kind, "hang")())
        while not case.hits:  # noqa: ASYNC110  the provider is another thread, with no event to wait for
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    if kind == "aembedding":
        (row,) = case.rows
        assert row["status"] == "cancelled"  # an embedding has no output to bound
    else:
        case.expect("cancelled")


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_abandoned(kind: str, provider: FakeProvider, case: Case) -> None:
    async def main() -> None:
        async for _ in await direct(provider, kind, "endless")():
            break
        await asyncio.sleep(0.05)

    if kind in SYNC:
        for _ in direct(provider, kind, "endless")():
            break
    else:
        asyncio.run(main())
    if kind == "messages stream":
        # LiteLLM may still tell of it, depending on when the stream is collected.
        until(lambda: [row["status"] for row in case.rows] in [["cancelled"], ["abandoned"]])
        return
    (row,) = case.expect("abandoned")
    assert row.get("tokens_source") != "reported"


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_broken_by_the_provider(kind: str, provider: FakeProvider, case: Case) -> None:
    fails(kind, direct(provider, kind, "cut"))
    (row,) = case.expect("failure")
    assert row["error_kind"] in {"network", "server"}
    assert row.get("tokens_source") != "reported"


@pytest.mark.parametrize("kind", ["acompletion", "astream"])
def test_fallbacks_without_a_router_keep_one_call_id(kind: str, provider: FakeProvider, case: Case) -> None:
    behaviour = f"flaky-1-{next(_fresh)}"
    run(kind, direct(provider, kind, behaviour, fallbacks=[f"openai/{MODEL}"]))
    first, second = case.expect("failure", "success")
    assert first["call_id"] == second["call_id"]


@pytest.mark.parametrize("kind", KINDS)
def test_routed_success(kind: str, provider: FakeProvider, case: Case) -> None:
    run(kind, routed(router(provider, KINDS[kind][3], only="ok"), kind))
    (row,) = case.expect("success")
    assert (row["model_group"], row["deployment_id"]) == ("only", "dep-only")


# The Router neither retries nor falls back in synchronous Responses calls.
RETRIED = [kind for kind in KINDS if kind not in {"responses", "responses stream"}]


@pytest.mark.parametrize("kind", RETRIED)
def test_routed_retry(kind: str, provider: FakeProvider, case: Case) -> None:
    through = router(provider, KINDS[kind][3], only=f"flaky-1-{next(_fresh)}")
    run(kind, routed(through, kind, num_retries=2))
    rows = case.expect("failure", "success")
    assert [row["retry"] for row in rows] == [0, 1]
    assert len({row["trace_id"] for row in rows}) == 1


@pytest.mark.parametrize("kind", RETRIED)
def test_routed_fallback(kind: str, provider: FakeProvider, case: Case) -> None:
    run(kind, routed(router(provider, KINDS[kind][3], first="err500", second="ok"), kind))
    rows = case.expect("failure", "success")
    assert [row["model_group"] for row in rows] == ["first", "second"]
    assert rows[1]["original_model_group"] == "first"
    moved = [event for event in events(case.spool, "fallback") if event["at_us"] >= case.start]
    assert [(event["model_group"], event["succeeded"]) for event in moved] == [("second", True)]


@pytest.mark.parametrize("kind", RETRIED)
def test_routed_all_failed(kind: str, provider: FakeProvider, case: Case) -> None:
    through = router(provider, KINDS[kind][3], first="err500", second="err429")
    fails(kind, routed(through, kind, num_retries=1))
    rows = case.expect(*["failure"] * len(case.hits))
    assert {row["error_kind"] for row in rows} == {"server", "rate_limit"}


@pytest.mark.parametrize("kind", ["completion", "acompletion", "astream", "aembedding"])
def test_a_cache_hit_reaches_no_provider(kind: str, provider: FakeProvider, case: Case) -> None:
    litellm.cache = Cache(type="local")
    try:
        call = direct(provider, kind, "ok", caching=True)
        if kind in SYNC:
            run(kind, call)
            until(lambda: [row["status"] for row in case.rows] == ["success"])
            run(kind, call)
        else:

            async def main() -> None:
                for _ in range(2):
                    answer = await call()
                    if kind in STREAMS:
                        async for _chunk in answer:
                            pass
                    await asyncio.sleep(0.2)

            asyncio.run(main())
        _, hit = case.expect("success", "success")
        assert (hit["cache_hit"], hit["upstream"]) == (True, False)
        assert hit["litellm_cost_pusd"] == 0
    finally:
        litellm.cache = None


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("aimage_generation", {"prompt": PROMPT}),
        ("atranscription", {"file": ("a.wav", b"RIFF0000"), "model": "openai/whisper-1"}),
        ("aspeech", {"input": PROMPT, "voice": "alloy", "model": "openai/tts-1"}),
    ],
)
def test_other_kinds_of_calls(name: str, arguments: dict[str, Any], provider: FakeProvider, case: Case) -> None:
    async def main() -> None:
        await getattr(litellm, name)(**{**params(provider, "openai", "ok"), **arguments})
        await asyncio.sleep(0.05)

    asyncio.run(main())
    until(lambda: [row["status"] for row in case.rows] == ["success"])
    assert (case.rows[0]["call_type"], len(case.hits)) == (name, 1)


def test_who_asked_is_recorded(provider: FakeProvider, case: Case) -> None:
    metadata = {"tags": ["team:search"], "scalix_user": "ada", "secret": "no", "session_id": "s-1"}
    run("acompletion", direct(provider, "acompletion", "ok", user="u-1", metadata=metadata))
    (row,) = case.expect("success")
    assert (row["user_id"], row["session_id"], row["tags"]) == ("u-1", "s-1", ["team:search"])
    assert json.loads(row["metadata"]) == {"scalix_user": "ada"}
    assert row["litellm_cost_pusd"] > 0


def test_a_cooldown_of_the_router_is_told_as_it_begins(provider: FakeProvider, spool: Path) -> None:
    behaviours = {"dep-limited": "err429", "dep-open": "ok"}
    models = [
        {"model_name": "pool", "litellm_params": params(provider, "openai", behaviour), "model_info": {"id": name}}
        for name, behaviour in behaviours.items()
    ]
    through = Router(model_list=models, num_retries=0, allowed_fails=0, cooldown_time=7)
    for _ in range(100):  # which of the two is asked is the Router's dice
        try:
            run("acompletion", routed(through, "acompletion"))
        except litellm.RateLimitError:
            break
    until(lambda: events(spool, "cooldown"))
    (told,) = events(spool, "cooldown")
    assert (told["deployment_id"], told["error_kind"]) == ("dep-limited", "rate_limit")
    assert told["until_us"] - told["at_us"] == 7_000_000
    cooling = through.cooldown_cache.get_active_cooldowns(list(behaviours), None)
    assert [name for name, _ in cooling] == ["dep-limited"], "and LiteLLM did what it does"
