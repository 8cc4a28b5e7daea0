"""The gateway against plain LiteLLM Proxy: the same provider, the same calls, rounds taken in turns.

Plain is LiteLLM Proxy with its master key and no database, so it checks one constant, reserves nothing and records
nothing. The gateway checks one of 100,000 keys, reserves, routes, records and settles. 100 users, each with a
connection of their own, call as fast as they are answered. Every answer is looked at, and in the end the gateway's
spool must hold an attempt for each request that the provider was asked, and its budgets what they cost.

    python -m benchmarks.gateway [--users 100] [--seconds 15] [--rounds 5] [--keys 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from analytics.access import issuing, keys
from analytics.access.limits import Limits, to_json
from analytics.access.pepper import pepper_of
from benchmarks.proxies import free_port, running
from benchmarks.upstream import served
from scalix.events import AttemptEvent, payload_of
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.tables import access
from scalix.times import now_us

if TYPE_CHECKING:
    from benchmarks.proxies import Proxy

MASTER = "sk-bench-0123456789abcdef0123456789abcdef"
USED_KEYS = 50
LEAST_RATIO = 0.95
LONGEST_CALL_S = 60
SETTLED_S = 30
BODY = {"model": "chat", "messages": [{"role": "user", "content": "word " * 100}], "max_tokens": 100}
# What the provider always says it took: 120 tokens in, 64 of them from the cache, and 40 out, at list price.
COST_USD = 56 * 0.15e-6 + 64 * 0.075e-6 + 40 * 0.6e-6


def _config(port: int, name: str, place: Path) -> Path:
    """The provider counts the requests of each proxy by the first part of their path."""
    base = f"http://127.0.0.1:{port}/{name}/v1"
    params = {"model": "openai/gpt-4o-mini", "api_base": base, "api_key": "sk-bench-upstream"}
    models = [{"model_name": "chat", "model_info": {"id": f"bench-{name}"}, "litellm_params": params}]
    path = place / f"{name}.yaml"
    path.write_text(json.dumps({"model_list": models}))
    return path


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


async def _user(proxy: Proxy, until: float, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    body = json.dumps(BODY).encode()
    while (began := time.perf_counter()) < until:
        key = random.choice(proxy.keys)
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n"
        rest = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write((head + rest).encode() + body)
        async with asyncio.timeout(LONGEST_CALL_S):
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer.lower())
            assert answer.startswith(b"HTTP/1.1 200"), answer
            assert length, answer
            content = json.loads(await reader.readexactly(int(length[1])))
        assert content["choices"][0]["message"]["content"].startswith("word"), content
        assert content["usage"]["total_tokens"] == 160, content
        took.append(time.perf_counter() - began)
    writer.close()


async def _round(proxy: Proxy, users: int, seconds: float) -> tuple[float, list[float]]:
    """Calls a second, and how long each took."""
    took: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(users):
            group.create_task(_user(proxy, began + seconds, took))
    return len(took) / (time.perf_counter() - began), took


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] * 1000


def measure(proxies: list[Proxy], *, users: int, seconds: float, rounds: int) -> dict[str, Any]:
    """Rounds in turns, after one that is not counted."""
    rates: dict[str, list[float]] = {proxy.name: [] for proxy in proxies}
    took: dict[str, list[float]] = {proxy.name: [] for proxy in proxies}
    answers = dict.fromkeys(rates, 0)
    for number in range(rounds + 1):
        for proxy in proxies if number % 2 else reversed(proxies):
            rate, each = asyncio.run(_round(proxy, users, seconds))
            answers[proxy.name] += len(each)
            if number:
                rates[proxy.name].append(rate)
                took[proxy.name] += each
    paired = [ours / plain for ours, plain in zip(rates["gateway"], rates["plain"], strict=True)]
    return {
        "answers": answers,
        "ratio": statistics.median(paired),
        "ratios": [round(one, 3) for one in paired],
        "rates": {name: round(statistics.median(one), 1) for name, one in rates.items()},
        "ms": {name: {f"p{p}": round(_percentile(one, p), 1) for p in (50, 99)} for name, one in took.items()},
    }


def main() -> int:
    """Run it and print the figures; 1 when the target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=15, help="of one round of one proxy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, served() as upstream:
        root = Path(place)
        folder = Folder(root / "scalix")
        with closing(ControlStore.in_folder(folder)) as control:
            used = _fill(control, folder, options.keys)
            figures = _measured(root, folder, upstream, control=control, used=used, options=options)
            _checked(control, folder, used, figures["answers"], upstream)
    return 0 if figures["ratio"] >= LEAST_RATIO else 1


def _measured(
    root: Path, folder: Folder, upstream: int, *, control: ControlStore, used: list[str], options: argparse.Namespace
) -> dict[str, Any]:
    ours = ["-m", "scalix", "gateway", str(_config(upstream, "gateway", root)), "--port", "0"]
    port = free_port()
    theirs = ["-c", "from litellm import run_server; run_server()", "--host", "127.0.0.1", "--port", str(port)]
    theirs += ["--config", str(_config(upstream, "plain", root))]
    variables = {"LITELLM_MASTER_KEY": MASTER, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with (
        running("plain", theirs, root, base=f"http://127.0.0.1:{port}", **variables) as plain,
        running("gateway", [*ours, "--folder", str(folder.root)], root, **variables) as gateway,
    ):
        plain.keys, gateway.keys = [MASTER], used
        figures = measure([plain, gateway], users=options.users, seconds=options.seconds, rounds=options.rounds)
        _report(figures, [plain, gateway], options)
        _settled(control, used)
    return figures


def _settled(control: ControlStore, used: list[str]) -> None:
    """LiteLLM tells what a call came to a while after its answer."""
    until = time.monotonic() + SETTLED_S
    while any(keys.named(control, key).account.calls for key in used):
        assert time.monotonic() < until, f"calls are not settled after {SETTLED_S} s"
        time.sleep(0.1)


def _checked(control: ControlStore, folder: Folder, used: list[str], answers: dict[str, int], upstream: int) -> None:
    """Each answer was one request to the provider, one attempt on the spool, and was paid for."""
    asked = httpx.get(f"http://127.0.0.1:{upstream}/counts").json()
    assert asked == answers, (asked, answers)
    recorded = _attempts(folder)
    assert recorded == answers["gateway"], (recorded, answers)
    spent = float(sum(keys.named(control, key).account.spent_usd for key in used))
    expected = answers["gateway"] * COST_USD
    assert abs(spent - expected) < 1e-9, (spent, expected)
    print(f"{recorded:,} attempts recorded and paid for, as many as the provider was asked for")


def _attempts(folder: Folder) -> int:
    """How many different attempts the spool says have succeeded."""
    lines = [line for path in folder.spool.glob("*.seg") for line in path.read_bytes().splitlines()]
    ended = (msgspec.json.decode(payload_of(line), type=AttemptEvent) for line in lines if b'"success"' in line)
    return len({(event.call_id, event.started_us) for event in ended if event.kind == "success"})


def _report(figures: dict[str, Any], proxies: list[Proxy], options: argparse.Namespace) -> None:
    print(f"{options.users} users, {options.keys:,} keys, {options.rounds} rounds of {options.seconds:g} s")
    for proxy in proxies:
        times = figures["ms"][proxy.name]
        memory = proxy.memory_mb()
        print(
            f"{proxy.name:8} {figures['rates'][proxy.name]:7.1f} calls/s  p50 {times['p50']:.0f} ms  "
            f"p99 {times['p99']:.0f} ms  ready after {proxy.started_s:.1f} s  "
            f"memory {sum(memory):.0f} MB in {len(memory)} processes"
        )
    plain, ours = figures["ms"]["plain"], figures["ms"]["gateway"]
    print(f"throughput of the gateway: {figures['ratio']:.3f} of plain (rounds {figures['ratios']})")
    print(f"added: p50 {ours['p50'] - plain['p50']:+.1f} ms, p99 {ours['p99'] - plain['p99']:+.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
