"""How long a routing decision takes, against LiteLLM's own selection over the same deployments.

Both are asked in turns in one process, so that a drift of the machine's speed meets them alike. The decision includes
reading the request, what is known of every deployment, budgets, what was tried before, scores, probabilities and the
choice, an attempt having ended since the last one; writing the record down is left out, and measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

TARGET_P50_US = 20
TARGET_P99_US = 100
DEPLOYMENTS = 10
MESSAGES = [{"role": "user", "content": "x"}]


def _router() -> Any:
    import litellm  # noqa: PLC0415  takes seconds

    return litellm.Router(
        model_list=[
            {
                "model_name": "chat",
                "model_info": {"id": f"d{number}"},
                "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "sk-x", "api_base": "http://127.0.0.1:9"},
            }
            for number in range(DEPLOYMENTS)
        ],
        routing_strategy="simple-shuffle",
    )


def _chooser(folder: Path) -> Any:
    from routing.choosing import Chooser  # noqa: PLC0415  beside LiteLLM
    from routing.hooks import facts_of  # noqa: PLC0415  same
    from routing.observed import Observed  # noqa: PLC0415  same
    from scalix import snapshot  # noqa: PLC0415  same
    from scalix.times import now_us  # noqa: PLC0415  same

    stats = {
        f"d{n}": snapshot.DeploymentStats(
            deployment_id=f"d{n}",
            successes=90.0 + n,
            failures=2.0,
            cost_usd=0.01 + n / 1000,
            discount=1 + n / 100,
            latency_s=1.0,
            latency_p95_s=2.0,
            failure_s=2.0,
        )
        for n in range(DEPLOYMENTS)
    }
    made = snapshot.Snapshot(version=snapshot.VERSION, id="bench", made_us=now_us(), deployments=stats)
    snapshot.write(folder, made)
    return Chooser(Observed(folder), lambda _: None, facts=facts_of)


def _quantiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)]


async def _measure(rounds: int, folder: Path) -> dict[str, list[float]]:
    router, chooser = _router(), _chooser(folder)
    deployments = router.get_model_list(model_name="chat")
    from routing.asking import request_of  # noqa: PLC0415  beside LiteLLM
    from routing.evidence import Answer  # noqa: PLC0415  same

    figures: dict[str, list[float]] = {"decision": [], "decision with its record": [], "LiteLLM's own selection": []}
    for number in range(rounds + rounds // 10):
        arguments = {"litellm_trace_id": f"trace-{number}", "messages": MESSAGES}
        chooser.observed.succeeded(f"d{number % DEPLOYMENTS}", None, Answer(latency_s=1.0))
        started = time.perf_counter_ns()
        assert chooser.decided("chat", deployments, request_of(arguments, MESSAGES)) is not None
        decided = time.perf_counter_ns()
        assert chooser.choose("chat", deployments, request_of(arguments, MESSAGES)) is not None
        recorded = time.perf_counter_ns()
        await router.async_get_available_deployment("chat", request_kwargs={}, messages=MESSAGES)
        theirs = time.perf_counter_ns()
        if number >= rounds // 10:
            spent = (decided - started, recorded - decided, theirs - recorded)
            for name, nanoseconds in zip(figures, spent, strict=True):
                figures[name].append(nanoseconds / 1000)
    return figures


def main() -> int:
    """Print the table; 1 when the decision misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5000)
    rounds = parser.parse_args().rounds
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measure(rounds, Path(folder)))
    print(f"{DEPLOYMENTS} deployments{'':12} {'µs p50':>10} {'p99':>10}")
    for name, values in figures.items():
        p50, p99 = _quantiles(values)
        print(f"{name:26} {p50:10.1f} {p99:10.1f}")
    theirs = statistics.median(figures["LiteLLM's own selection"])
    for name in ("decision", "decision with its record"):
        print(f"{name} to LiteLLM's own, medians: {statistics.median(figures[name]) / theirs:.2f}")
    p50, p99 = _quantiles(figures["decision"])
    print(f"targets for the decision: p50 ≤ {TARGET_P50_US} µs, p99 ≤ {TARGET_P99_US} µs")
    return 0 if p50 <= TARGET_P50_US and p99 <= TARGET_P99_US else 1


if __name__ == "__main__":
    raise SystemExit(main())
