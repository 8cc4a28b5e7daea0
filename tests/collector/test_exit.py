"""What reached the caller is on the spool, however the process ends."""

from __future__ import annotations

import json
import subprocess
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.collector.conftest import PYTHON, attempts, environment, events

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider

PRELUDE = """
import asyncio, os, sys
import litellm, scalix
litellm.suppress_debug_info = True
assert scalix.install(strict=True).working
base = sys.argv[1]
CALL = dict(model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "hi"}], api_base=base, api_key="sk-test")
"""


def script(body: str) -> str:
    return PRELUDE + textwrap.dedent(body)


@pytest.mark.timeout(240)
def test_a_thousand_calls_and_immediate_exit(spool: Path, provider: FakeProvider) -> None:
    """LiteLLM's own final events are mostly lost here; usage is on the spool all the same."""
    body = """
        async def main():
            for _ in range(20):
                await asyncio.gather(*(litellm.acompletion(**CALL) for _ in range(50)))
        asyncio.run(main())
    """
    before = len(provider.hits)
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=environment(spool))
    found = attempts(spool)
    hits = {hit.response_id: hit.usage["output"] for hit in provider.hits[before:]}
    assert len(found) == len(hits) == 1000
    assert {row["response_id"]: row["output_tokens"] + row["reasoning_tokens"] for row in found} == hits
    assert {row["status"] for row in found} == {"success"}


@pytest.mark.timeout(120)
def test_streams_and_immediate_exit(spool: Path, provider: FakeProvider) -> None:
    body = """
        async def one():
            async for chunk in await litellm.acompletion(**CALL, stream=True):
                assert not getattr(chunk, "usage", None)
        async def main():
            await asyncio.gather(*(one() for _ in range(40)))
            os._exit(0)
        asyncio.run(main())
    """
    before = len(provider.hits)
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=environment(spool))
    found = attempts(spool)
    hits = {hit.response_id: hit.usage["output"] for hit in provider.hits[before:]}
    assert {row["response_id"]: row["output_tokens"] + row["reasoning_tokens"] for row in found} == hits
    assert {(row["status"], row["tokens_source"]) for row in found} == {("success", "reported")}


@pytest.mark.timeout(120)
def test_a_forked_worker_records_for_itself(spool: Path, provider: FakeProvider) -> None:
    """As gunicorn does with preloading: installed in the parent, called in the children."""
    body = """
        children = []
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                for _ in range(5):
                    litellm.completion(**CALL)
                os._exit(0)
            children.append(pid)
        for pid in children:
            assert os.waitpid(pid, 0)[1] == 0
        litellm.completion(**CALL)
    """
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=environment(spool))
    assert [row["status"] for row in attempts(spool)] == ["success"] * 16
    assert len({event["pid"] for event in events(spool, "process")}) == 4


@pytest.mark.timeout(120)
def test_a_clock_that_jumps_back_is_seen_by_the_monotonic_one(spool: Path, provider: FakeProvider) -> None:
    body = """
        import time
        real = time.time_ns
        class Jump(litellm.integrations.custom_logger.CustomLogger):
            def log_pre_api_call(self, model, messages, kwargs):
                time.time_ns = lambda: real() - 3_600_000_000_000
        litellm.callbacks.append(Jump())
        litellm.completion(**CALL)
    """
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=environment(spool))
    opened, answered = events(spool, "opened")[0], events(spool, "answered")[0]
    assert opened["at_us"] > answered["at_us"]
    assert 0 < answered["mono_us"] - opened["mono_us"] < 60_000_000


def test_importing_the_collector_loads_nothing_heavy() -> None:
    body = """
        import json, sys
        import collector
        import collector.attempts, collector.recorder, collector.settings, collector.host
        print(json.dumps(sorted(sys.modules)))
    """
    output = subprocess.check_output([PYTHON, "-c", textwrap.dedent(body)])
    loaded = {name.partition(".")[0] for name in json.loads(output)}
    heavy = {"duckdb", "polars", "pyarrow", "streamlit", "apscheduler", "pydantic", "litellm", "httpx", "openai"}
    assert loaded & heavy == set()


@pytest.mark.timeout(120)
def test_no_prompt_and_no_key_reaches_the_disk(spool: Path, provider: FakeProvider) -> None:
    body = """
        CALL["messages"] = [{"role": "user", "content": "the-secret-question"}]
        CALL["api_key"] = "sk-hunter2hunter2"
        litellm.completion(**CALL, metadata={"private": "the-secret-note", "scalix_user": "ada"})
        for model in ("openai/err400", "openai/err500"):
            try:
                litellm.completion(**{**CALL, "model": model})
            except Exception as error:
                pass
            else:
                raise AssertionError
    """
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=environment(spool))
    disk = b"".join(path.read_bytes() for path in spool.iterdir())
    assert b"ada" in disk
    assert len(attempts(spool)) == 3
    for secret in (b"the-secret-question", b"hunter2", b"the-secret-note", b"hello world", b"sk-secret"):
        assert secret not in disk


@pytest.mark.timeout(120)
def test_content_is_recorded_when_asked_for(spool: Path, provider: FakeProvider) -> None:
    body = 'litellm.completion(**{**CALL, "messages": [{"role": "user", "content": "the-question"}]})'
    recording = environment(spool, SCALIX_RECORD_CONTENT="1")
    subprocess.run([PYTHON, "-c", script(body), provider.base], check=True, env=recording)
    (row,) = attempts(spool)
    assert "the-question" in row["prompt"]
    assert "hello world" in row["answer"]
