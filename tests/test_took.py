"""A call that crosses a budget moves the next ones elsewhere, through collector, hub, snapshot and LiteLLM's Router."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from scalix.events import AttemptEvent
from scalix.times import now_us
from tests import forked
from tests.collector.conftest import environment, provider
from tests.hub.running import write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.folder import Folder
    from tests.collector.fake_provider import FakeProvider
    from tests.hub.running import HubProcess

__all__ = ["provider"]
PROMISED_S = 3.0
HALF_A_CALL = "0.00001"
APPLICATION = """
import asyncio, json, sys, time
import scalix

def deployment(group, name, model):
    params = {"model": f"openai/{model}", "api_key": "sk-test", "api_base": f"{sys.argv[1]}/ok/v1"}
    return {"model_name": group, "model_info": {"id": name}, "litellm_params": params}

MESSAGES = [{"role": "user", "content": "hi"}]
router = scalix.router(
    [deployment("chat", "cheap", "gpt-4o-mini"), deployment("chat", "dear", "gpt-4o"),
     deployment("pair", "fast", "gpt-4.1"), deployment("pair", "slow", "gpt-4.1-mini"),
     deployment("first", "first", "gpt-4.1-nano")],
    policy={"exploration": 0.0, "curiosity": 0.0, "temperature": 1e-6})

async def choice(group):
    found = await router.async_get_available_deployment(group, request_kwargs={}, messages=MESSAGES)
    return found["model_info"]["id"]

async def until(group, name):
    deadline = time.monotonic() + 60
    while (found := await choice(group)) != name:
        assert time.monotonic() < deadline, f"{group} still goes to {found}"
        await asyncio.sleep(0.02)

async def crossed(group, before, after):
    await until(group, before)
    await router.acompletion(group, messages=MESSAGES)
    began = time.monotonic()
    await until(group, after)
    return time.monotonic() - began

async def main():
    await router.acompletion("first", messages=MESSAGES)  # a process's first call loads what the others find
    took = {"block": await crossed("chat", "cheap", "dear"), "degrade": await crossed("pair", "fast", "slow")}
    print(json.dumps(took))

asyncio.run(main())
"""


def earlier(name: str, model: str, seconds: float) -> list[AttemptEvent]:
    """What a collector has written of a deployment before: ten calls for another group, which took so long."""
    before_us, took_us = now_us() - 60_000_000, round(seconds * 1_000_000)
    return [
        AttemptEvent(
            kind="success",
            call_id=f"{name}-{number}",
            started_us=before_us + number,
            at_us=before_us + number + took_us,
            ended_us=before_us + number + took_us,
            provider="openai",
            model=model,
            model_group="other",
            deployment_id=name,
            input_tokens=100,
            output_tokens=20,
            tokens_source="reported",
        )
        for number in range(10)
    ]


def test_block_and_route_cheaper_reach_the_router_within_three_seconds(
    folder: Folder, new_hub: Callable[..., HubProcess], provider: FakeProvider
) -> None:
    for name, scope, action in (("cheap", "deployment=cheap", "block"), ("pair", "model_group=pair", "degrade")):
        line = ["budget", "add", name, HALF_A_CALL, "--for", scope, "--at", f"100={action}"]
        forked.run("-m", "scalix", *line, "--folder", str(folder.root), check=True)
    new_hub(SCALIX_INGEST_INTERVAL_S="0.5").start()
    write_segment(folder.spool, [*earlier("fast", "gpt-4.1", 0.1), *earlier("slow", "gpt-4.1-mini", 20.0)])
    variables = environment(folder.spool, SCALIX_HOME=str(folder.root))
    done = forked.run("-c", APPLICATION, f"http://127.0.0.1:{provider.port}", env=variables)
    assert done.returncode == 0, done.stderr
    took = json.loads(done.stdout.splitlines()[-1])
    print("TOOK", took, os.getloadavg())
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    assert max(took.values()) < (2 if busy else 1) * PROMISED_S, took
