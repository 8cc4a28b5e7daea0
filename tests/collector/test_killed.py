"""SIGKILL under load: every answer that reached the caller is in DuckDB with its usage, none twice.

The processes that are killed are forked from one that has imported LiteLLM, which takes seconds; each installs the
collector for itself, as workers behind a preloading server do.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from analytics.intake.ingest import ingest_once
from scalix.store.ledger import Ledger
from scalix.times import now_us
from tests.collector.conftest import PYTHON, environment, until
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.folder import Folder
    from tests.collector.fake_provider import FakeProvider

KILLS = at_length(16, 1000)
AT_ONCE = 4
ABANDONED_AFTER_US = 3_600_000_000
SERVER = """
import asyncio, os, signal, sys, threading
import litellm, scalix
litellm.suppress_debug_info = True
CALL = dict(model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "hi"}], api_base=sys.argv[1],
            api_key="sk-test")

def told(answer):
    os.write(1, (answer + "\\n").encode())

def sync():
    while True:
        told(litellm.completion(**CALL).id)

async def one():
    told((await litellm.acompletion(**CALL)).id)

async def stream():
    last = None
    async for chunk in await litellm.acompletion(**CALL, stream=True):
        last = chunk
    told(last.id)

async def load():
    while True:
        await asyncio.gather(one(), one(), stream())

def work(output):
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    assert scalix.install(strict=True).working
    threading.Thread(target=sync, daemon=True).start()
    asyncio.run(load())

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for output in sys.stdin:
    pid = os.fork()
    if pid == 0:
        os.close(0)
        work(output.strip())
    print(pid, flush=True)
"""


class ForkServer:
    """Starts loaded processes quickly; one that is started writes the ids of answers to ``output``."""

    def __init__(self, folder: Folder, base: str) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "-c", SERVER, base],
            env=environment(folder.spool),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def start(self, output: Path) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{output}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def server(folder: Folder, provider: FakeProvider) -> Iterator[ForkServer]:
    running = ForkServer(folder, provider.base)
    yield running
    running.close()


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.timeout(120 + 3 * KILLS)
def test_killed_at_random_moments_under_load(folder: Folder, server: ForkServer, tmp_path: Path) -> None:
    """Four processes at a time, each calling synchronously, asynchronously and in streams."""
    chance = random.Random(7)
    outputs: list[Path] = []
    for round_number in range(KILLS // AT_ONCE):
        running = {tmp_path / f"answers-{round_number}-{n}": 0 for n in range(AT_ONCE)}
        for output in running:
            running[output] = server.start(output)
        for output, pid in running.items():
            until(lambda output=output: output.exists() and output.stat().st_size > 0, 60)  # type: ignore[misc]  # bound
            time.sleep(chance.random() / 2)  # the moment of the kill is the point
            os.kill(pid, signal.SIGKILL)
        outputs += running

    reached = [line for output in outputs for line in output.read_text().splitlines(keepends=True)]
    whole = {line.strip() for line in reached if line.endswith("\n")}
    ledger = Ledger.open(folder)
    while ingest_once(ledger, folder, now_us=now_us()).lag_bytes:
        pass
    ingest_once(ledger, folder, now_us=now_us() + ABANDONED_AFTER_US)
    rows = ledger.read("SELECT response_id, status, output_tokens FROM attempts").rows()
    (open_left,) = ledger.read("SELECT count(*) FROM attempt_events WHERE kind = 'opened'").rows()[0]
    ledger.close()

    succeeded = [(response_id, tokens) for response_id, status, tokens in rows if status == "success"]
    ids = {response_id for response_id, _ in succeeded}
    assert len(ids) == len(succeeded)
    assert whole <= ids
    assert all(tokens for _, tokens in succeeded)
    assert {status for _, status, _ in rows} <= {"success", "abandoned", "cancelled"}
    assert open_left == 0
