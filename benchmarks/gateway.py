"""The gateway against plain LiteLLM Proxy: the same provider, the same calls, rounds taken in turns.

Plain is LiteLLM Proxy with its master key and no database, so it checks one constant, reserves nothing and records
nothing. The gateway checks one of 100,000 keys, reserves, routes, records and settles. 100 users, each with a
connection of their own, call as fast as they are answered.

    python -m benchmarks.gateway [--users 100] [--calls 2000] [--rounds 4] [--keys 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from analytics.access import issuing, keys
from analytics.access.limits import Limits, to_json
from analytics.access.pepper import pepper_of
from benchmarks.upstream import served
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.tables import access
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator

MASTER = "sk-bench-0123456789abcdef0123456789abcdef"
USED_KEYS = 50
START_S = 300
LEAST_RATIO = 0.95
BODY = {"model": "chat", "messages": [{"role": "user", "content": "word " * 100}], "max_tokens": 100}


@dataclass
class Proxy:
    """One proxy under test, and how long it took to answer for the first time."""

    name: str
    base: str
    keys: list[str]
    process: subprocess.Popen[bytes]
    started_s: float

    @property
    def port(self) -> int:
        return int(self.base.rsplit(":", 1)[1])

    def memory_mb(self) -> dict[str, float]:
        """Resident memory of each process that belongs to it."""
        found = {}
        for pid in [self.process.pid, *_children(self.process.pid)]:
            name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[-60:]
            rss = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            found[f"{pid} {name.strip()}"] = int(rss[1]) / 1024 if rss else 0.0
        return found


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, listed) for one in (child, *_children(child))]


def _config(port: int) -> dict[str, Any]:
    params = {"model": "openai/gpt-4o-mini", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": "sk-bench-upstream"}
    return {"model_list": [{"model_name": "chat", "model_info": {"id": "bench"}, "litellm_params": params}]}


@contextmanager
def _running(name: str, command: list[str], folder: Path, ready: str) -> Iterator[Proxy]:
    log = folder / f"{name}.log"
    variables = {**os.environ, "LITELLM_MASTER_KEY": MASTER, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *command], env=variables, stdout=output, stderr=output)
    try:
        base = _first_answer(process, log, ready, began)
        yield Proxy(name, base, [MASTER], process, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(60)


def _first_answer(process: subprocess.Popen[bytes], log: Path, ready: str, began: float) -> str:
    while time.monotonic() - began < START_S:
        assert process.poll() is None, log.read_text()[-2000:]
        found = re.search(r"(http://127\.0\.0\.1:\d+)", ready or log.read_text(errors="replace"))
        try:
            if found and httpx.get(f"{found[1]}/health/readiness", timeout=2).status_code == 200:
                return found[1]
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready after {START_S} s: {log.read_text()[-2000:]}")


def _fill(control: ControlStore, folder: Folder, count: int) -> list[str]:
    """So many keys, of which some are used. Those are under a budget, so that every call is reserved."""
    pepper = pepper_of(folder)
    limits = Limits(budget_pusd=1000 * 10**12)
    used = [issuing.mint(control, pepper, by="bench", limits=limits)[0] for _ in range(USED_KEYS)]
    names = [f"{number:032x}" for number in range(count - USED_KEYS)]
    at_us, kept = now_us(), to_json(limits)
    with control.transaction() as connection:
        connection.execute(
            access.accounts.insert(),
            [{"kind": "key", "id": name, "limits": kept, "created_us": at_us} for name in names],
        )
        connection.execute(access.keys.insert(), [{"id": name, "tags": "[]", "created_us": at_us} for name in names])
        connection.execute(
            access.secrets.insert(),
            [{"prefix": name[-12:], "key_id": name, "digest": name * 2, "made_us": at_us} for name in names],
        )
    assert keys.count(control) == count
    return used


async def _user(proxy: Proxy, calls: int, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    body = json.dumps(BODY).encode()
    for _ in range(calls):
        key = random.choice(proxy.keys)
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n"
        rest = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        began = time.perf_counter()
        writer.write((head + rest).encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer.lower())
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert length, answer
        content = json.loads(await reader.readexactly(int(length[1])))
        assert content["choices"][0]["message"]["content"].startswith("word"), content
        took.append(time.perf_counter() - began)
    writer.close()


async def _round(proxy: Proxy, users: int, calls: int) -> tuple[float, list[float]]:
    """Calls a second, and how long each took."""
    took: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_user(proxy, calls // users, took) for _ in range(users)))
    return len(took) / (time.perf_counter() - began), took


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] * 1000


def measure(proxies: list[Proxy], *, users: int, calls: int, rounds: int) -> dict[str, Any]:
    """Rounds in turns, after one that is not counted."""
    rates: dict[str, list[float]] = {proxy.name: [] for proxy in proxies}
    took: dict[str, list[float]] = {proxy.name: [] for proxy in proxies}
    for number in range(rounds + 1):
        for proxy in proxies if number % 2 else reversed(proxies):
            rate, each = asyncio.run(_round(proxy, users, calls))
            if number:
                rates[proxy.name].append(rate)
                took[proxy.name] += each
    paired = [ours / plain for ours, plain in zip(rates["gateway"], rates["plain"], strict=True)]
    return {
        "ratio": statistics.median(paired),
        "ratios": [round(one, 3) for one in paired],
        "rates": {name: round(statistics.median(one), 1) for name, one in rates.items()},
        "ms": {name: {f"p{p}": round(_percentile(one, p), 1) for p in (50, 99)} for name, one in took.items()},
    }


def main() -> int:
    """Run it and print the figures; 1 when the target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--keys", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, served() as upstream:
        root = Path(place)
        config = root / "config.yaml"
        config.write_text(json.dumps(_config(upstream)))
        folder = Folder(root / "scalix")
        with closing(ControlStore.in_folder(folder)) as control:
            used = _fill(control, folder, options.keys)
            ours = ["-m", "scalix", "gateway", str(config), "--port", "0", "--folder", str(folder.root)]
            port = _free_port()
            theirs = ["-c", "from litellm import run_server; run_server()", "--config", str(config)]
            theirs += ["--port", str(port), "--host", "127.0.0.1"]
            with (
                _running("plain", theirs, root, f"http://127.0.0.1:{port}") as plain,
                _running("gateway", ours, root, "") as gateway,
            ):
                gateway.keys = used
                figures = measure([plain, gateway], users=options.users, calls=options.calls, rounds=options.rounds)
                _checked(control, used, options)
                _report(figures, [plain, gateway], options)
    return 0 if figures["ratio"] >= LEAST_RATIO else 1


def _checked(control: ControlStore, used: list[str], options: argparse.Namespace) -> None:
    """Every call was paid for: at list price, 120 tokens in, 64 of them from the cache, and 40 out."""
    expected = (options.rounds + 1) * options.calls // options.users * options.users
    until = time.monotonic() + 60
    while any(keys.named(control, key).account.calls for key in used) and time.monotonic() < until:
        time.sleep(0.1)
    spent = sum(keys.named(control, key).account.spent_usd for key in used)
    each = 56 * 0.15e-6 + 64 * 0.075e-6 + 40 * 0.6e-6
    assert abs(float(spent) - expected * each) < 1e-9, (spent, expected * each)


def _report(figures: dict[str, Any], proxies: list[Proxy], options: argparse.Namespace) -> None:
    print(f"{options.users} users, {options.keys:,} keys, {options.rounds} rounds of {options.calls} calls")
    for proxy in proxies:
        times = figures["ms"][proxy.name]
        memory = proxy.memory_mb()
        print(
            f"{proxy.name:8} {figures['rates'][proxy.name]:7.1f} calls/s  p50 {times['p50']:.0f} ms  "
            f"p99 {times['p99']:.0f} ms  ready after {proxy.started_s:.1f} s  "
            f"memory {sum(memory.values()):.0f} MB in {len(memory)} processes"
        )
    plain, ours = figures["ms"]["plain"], figures["ms"]["gateway"]
    print(f"throughput of the gateway: {figures['ratio']:.3f} of plain (rounds {figures['ratios']})")
    print(f"added: p50 {ours['p50'] - plain['p50']:+.1f} ms, p99 {ours['p99'] - plain['p99']:+.1f} ms")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
