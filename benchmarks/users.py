"""Many users at once through `scalix.router` and collector, at providers of which each fails one request in twenty.

``python -m benchmarks.users``: 100 users ask 50 questions each, one after the other, of three deployments. Against a
plain LiteLLM Router with the same retries, in alternating rounds, each round in a process of its own. What the
providers logged must be in the ledger, attempt by attempt; callers may see errors for at most one request in 200.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.process import FakeProviders, fake_providers

if TYPE_CHECKING:
    from collections.abc import Sequence

PROVIDERS = ("openai-a", "openai-b", "openai-c")
ERROR_RATE = 0.05
# Slow enough that 100 users do not want more than one process of LiteLLM can send.
PROFILE = {"first_token_ms": 800.0, "spread": 0.3, "error_rate": ERROR_RATE, "error": "500"}
MOST_ERRORS = 0.005
LONG_AFTER_US = 3600 * 1_000_000


class Load(msgspec.Struct, kw_only=True):
    """What one round came to."""

    requests: int
    errors: int
    latencies_s: list[float]
    seconds: float
    cpu_s: float


class Loss(msgspec.Struct, kw_only=True):
    """The providers' logs against the ledger."""

    provider_requests: int
    provider_errors: int
    missing: int
    """Requests that a provider saw and the ledger does not have."""
    doubled: int


async def _ask(router: Any, user: int, each: int, latencies: list[float]) -> int:
    errors = 0
    for question in range(each):
        began = time.perf_counter()
        try:
            await router.acompletion(
                "chat", messages=[{"role": "user", "content": f"{user}/{question}"}], max_tokens=20, user=f"user-{user}"
            )
        except Exception:  # noqa: BLE001  whatever a caller sees is an error
            errors += 1
        latencies.append(time.perf_counter() - began)
    return errors


async def _users(router: Any, users: int, each: int) -> Load:
    await _ask(router, -1, 20, [])  # the first calls set LiteLLM up
    latencies: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    errors = await asyncio.gather(*(_ask(router, user, each, latencies) for user in range(users)))
    return Load(
        requests=users * each,
        errors=sum(errors),
        latencies_s=latencies,
        seconds=time.perf_counter() - began,
        cpu_s=time.process_time() - cpu,
    )


def child(variant: str, bases: Sequence[str], users: int, each: int) -> None:
    """One round in this process; prints it as JSON."""
    import litellm  # noqa: PLC0415  only this process needs it

    litellm.suppress_debug_info = True
    deployments = [
        {
            "model_name": "chat",
            "model_info": {"id": f"deployment-{number}"},
            "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "sk-x", "api_base": base},
        }
        for number, base in enumerate(bases)
    ]
    if variant == "scalix":
        import scalix  # noqa: PLC0415

        router = scalix.router(deployments)
    else:
        router = litellm.Router(model_list=deployments, num_retries=3)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_users(router, users, each))) + b"\n")


def load(
    providers: FakeProviders,
    home: Path,
    variant: str,
    *,
    users: int,
    each: int,
    names: Sequence[str],
    profile: dict[str, Any],
) -> Load:
    """One round of a variant, ``scalix`` or ``plain``, at these providers, in a process of its own."""
    for name in names:
        providers.control(name, profile=profile)
    bases = [providers.api_base(name) for name in names]
    command = [sys.executable, "-m", "benchmarks.users", "--child", variant, "--users", str(users), "--each", str(each)]
    done = subprocess.run(
        [*command, *bases], check=True, stdout=subprocess.PIPE, env={**os.environ, "SCALIX_HOME": str(home)}
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Load)


def loss(providers: FakeProviders, home: Path, names: Sequence[str]) -> Loss:
    """Every request in the providers' logs against the ledger that the spool makes."""
    from analytics.intake.ingest import ingest_once  # noqa: PLC0415  what is measured does without them
    from scalix.folder import Folder  # noqa: PLC0415
    from scalix.store.ledger import Ledger  # noqa: PLC0415
    from scalix.times import now_us  # noqa: PLC0415

    seen = [request for name in names for request in providers.requests(name)]
    ledger = Ledger.open(Folder(home))
    try:
        while ingest_once(ledger, Folder(home), now_us=now_us() + LONG_AFTER_US).lines:
            pass
        rows = ledger.read("SELECT status, response_id, api_base FROM attempts WHERE upstream").rows()
    finally:
        ledger.close()
    answered = Counter(one.request_id for one in seen if one.status == 200)
    recorded = Counter(answer for status, answer, _ in rows if status == "success")
    failed, failures = len(seen) - answered.total(), sum(status == "failure" for status, *_ in rows)
    return Loss(
        provider_requests=len(seen),
        provider_errors=failed,
        missing=(answered - recorded).total() + max(failed - failures, 0),
        doubled=(recorded - answered).total() + max(failures - failed, 0),
    )


def _summary(rounds: Sequence[Load]) -> dict[str, float]:
    latencies = sorted(latency for one in rounds for latency in one.latencies_s)
    return {
        "mean_ms": 1000 * statistics.fmean(latencies),
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[len(latencies) * 99 // 100],
        "requests_per_s": sum(one.requests for one in rounds) / sum(one.seconds for one in rounds),
        "cpu_ms_per_request": 1000 * sum(one.cpu_s for one in rounds) / sum(one.requests for one in rounds),
        "errors": sum(one.errors for one in rounds),
    }


def measure(providers: FakeProviders, folder: Path, *, users: int, each: int, rounds: int) -> int:
    """Print the table; 1 when callers saw too many errors or something was lost."""
    taken: dict[str, list[Load]] = {"plain": [], "scalix": []}
    for number in range(rounds):
        order = ("plain", "scalix") if number % 2 == 0 else ("scalix", "plain")
        for variant in order:
            names = [f"{name}-{variant}" for name in PROVIDERS]
            taken[variant].append(
                load(providers, folder / "home", variant, users=users, each=each, names=names, profile=PROFILE)
            )
    figures = {variant: _summary(rounds_) for variant, rounds_ in taken.items()}
    lost = loss(providers, folder / "home", [f"{name}-scalix" for name in PROVIDERS])
    print(f"{users} users, {each} requests each, {rounds} rounds{'':10} {'plain Router':>14} {'scalix':>14}")
    for name, plain in figures["plain"].items():
        print(f"{name:44} {plain:14.2f} {figures['scalix'][name]:14.2f}")
    for name, what in (("mean_ms", "mean latency"), ("cpu_ms_per_request", "CPU per request")):
        print(f"{what} added: {figures['scalix'][name] - figures['plain'][name]:.1f} ms")
    asked = sum(one.requests for one in taken["scalix"])
    errors = figures["scalix"]["errors"] / asked
    print(f"errors that callers saw: {errors:.3%} of {asked}, aim under {MOST_ERRORS:.1%}")
    print(f"providers saw {lost.provider_requests} requests, of which they failed {lost.provider_errors}")
    print(f"in the ledger {lost.missing} of them are missing and {lost.doubled} doubled")
    return 0 if errors < MOST_ERRORS and not lost.missing and not lost.doubled else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", choices=["scalix", "plain"])
    parser.add_argument("bases", nargs="*")
    given = parser.parse_args()
    if given.child:
        child(given.child, given.bases, given.users, given.each)
        return 0
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    with tempfile.TemporaryDirectory() as folder, fake_providers(Path(folder) / "logs") as providers:
        return measure(providers, Path(folder), users=given.users, each=given.each, rounds=given.rounds)


if __name__ == "__main__":
    sys.exit(main())
