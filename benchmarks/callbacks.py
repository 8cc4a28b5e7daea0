"""What a callback adds to a LiteLLM call: throughput and CPU of the caller's whole process, in interleaved rounds.

Each measurement is a fresh process making async calls over HTTP to a fixed-answer server; rounds run through all
variants in shuffled order, so that a drift of the machine's speed meets every variant alike. Differences are paired by
round, with a bootstrap interval over rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.upstream import served

VARIANTS = ("none", "no-op", "scalix", "otel", "langfuse", "duckdb-insert")
WARM_UP = 100


def _install(variant: str, port: int) -> None:
    import litellm  # noqa: PLC0415  takes seconds; only the measured child pays

    sink = f"http://127.0.0.1:{port}"
    if variant == "no-op":
        from litellm.integrations.custom_logger import CustomLogger  # noqa: PLC0415

        litellm.callbacks = [CustomLogger()]
    elif variant == "scalix":
        import scalix  # noqa: PLC0415

        scalix.install(strict=True)
    elif variant == "otel":
        os.environ.update(OTEL_EXPORTER="otlp_http", OTEL_ENDPOINT=f"{sink}/v1/traces")
        litellm.callbacks = ["otel"]
    elif variant == "langfuse":
        os.environ.update(LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk", LANGFUSE_HOST=sink)
        litellm.success_callback = ["langfuse"]
    elif variant == "duckdb-insert":
        from benchmarks.insert_logger import InsertLogger  # noqa: PLC0415

        litellm.callbacks = [InsertLogger(Path(os.environ["SCALIX_HOME"]) / "naive.duckdb")]


async def _calls(number: int, concurrency: int, port: int) -> None:
    import litellm  # noqa: PLC0415  see _install

    gate = asyncio.Semaphore(concurrency)

    async def call() -> None:
        async with gate:
            answer = await litellm.acompletion(
                model="openai/gpt-4o-mini",
                api_base=f"http://127.0.0.1:{port}/v1",
                api_key="sk-bench",
                messages=[{"role": "user", "content": "What does a call cost?" * 10}],
                max_retries=0,
            )
            if answer.usage.prompt_tokens != 120:
                raise AssertionError(answer.usage)

    await asyncio.gather(*(call() for _ in range(number)))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def child(variant: str, number: int, concurrency: int, port: int) -> None:
    """One measurement; prints a JSON object."""
    _install(variant, port)

    async def measured() -> tuple[float, float]:
        await _calls(WARM_UP, concurrency, port)
        await asyncio.sleep(0.5)
        wall, cpu = time.perf_counter(), _cpu()
        await _calls(number, concurrency, port)
        return time.perf_counter() - wall, _cpu() - cpu

    wall, cpu = asyncio.run(measured())
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": number / wall, "cpu_us": cpu / number * 1e6, "rss_mb": rss}), flush=True)
    os._exit(0)  # exporters with queues of their own may take a long time to say goodbye


def _measure(variant: str, number: int, concurrency: int, port: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {
            "SCALIX_HOME": home,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOG": "CRITICAL",
        }
        command = [sys.executable, "-m", "benchmarks.callbacks", "--child", variant]
        command += ["--calls", str(number), "--concurrency", str(concurrency), "--port", str(port)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=True)
        figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        if variant == "scalix":
            _check_recorded(Path(home), number + WARM_UP)
        return figures


def _check_recorded(home: Path, expected: int) -> None:
    text = b"".join(path.read_bytes() for path in (home / "spool").glob("*.seg"))
    answered = text.count(b'"kind":"answered"')
    if answered != expected:
        raise AssertionError(f"{expected} calls were made, {answered} answers recorded")


def _interval(differences: list[float]) -> tuple[float, float]:
    draw = random.Random(1)
    means = sorted(statistics.mean(draw.choices(differences, k=len(differences))) for _ in range(2000))
    return means[50], means[-51]


def run(rounds: int, number: int, concurrency: int) -> None:
    """Measure all variants and print the table."""
    results: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
    shuffle = random.Random(7)
    with served() as port:
        for _ in range(rounds):
            for variant in shuffle.sample(VARIANTS, len(VARIANTS)):
                results[variant].append(_measure(variant, number, concurrency, port))
    _report(results)


def _report(results: dict[str, list[dict[str, float]]]) -> None:
    base = results["none"]
    print(f"{'callback':14} {'calls/s':>8} {'ratio':>6} {'CPU added, µs a call [95 %]':>32} {'RSS, MB':>8}")
    for variant, rows in results.items():
        rate = statistics.median(row["rate"] for row in rows)
        ratio = statistics.median(row["rate"] / none["rate"] for row, none in zip(rows, base, strict=True))
        added = [row["cpu_us"] - none["cpu_us"] for row, none in zip(rows, base, strict=True)]
        low, high = _interval(added)
        rss = statistics.median(row["rss_mb"] for row in rows)
        print(
            f"{variant:14} {rate:8.0f} {ratio:6.2f} {statistics.mean(added):14.0f} [{low:6.0f}, {high:6.0f}] {rss:8.0f}"
        )


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--child", choices=VARIANTS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.calls, arguments.concurrency, arguments.port)
    else:
        run(arguments.rounds, arguments.calls, arguments.concurrency)


if __name__ == "__main__":
    main()
