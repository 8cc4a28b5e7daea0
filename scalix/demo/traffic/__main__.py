"""``python -m scalix.demo.traffic --url URL``: calls the fakes through LiteLLM, with Scalix installed.

Prints one JSON object: how many requests the application made, and how it saw them end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import litellm
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

import scalix
from scalix.demo.providers.process import FakeProviders
from scalix.demo.traffic.calls import Plan, make, plan
from scalix.demo.traffic.fleet import router_options, set_scene
from scalix.demo.traffic.trace import arrivals
from scalix.routing_setup import routing_hooks

if TYPE_CHECKING:
    from scalix.demo.traffic.calls import Seen

REST_S = 0.5


async def drive(providers: FakeProviders, plans: list[Plan], seconds: float) -> Counter[Seen]:
    """Makes every request at its time, however long the ones before it take."""
    router = litellm.Router(**router_options(providers))
    seen = Counter([await make(router, first) for first in _first_of_each_kind(plans)])
    set_scene(providers, seconds)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    running = []
    for wanted in plans:
        await asyncio.sleep(max(0.0, begun + wanted.at_s - loop.time()))
        running.append(asyncio.create_task(make(router, wanted)))
    seen += Counter(await asyncio.gather(*running))
    # LiteLLM prices a call in the background after it was answered; nothing else is waited for.
    await GLOBAL_LOGGING_WORKER.flush()
    await asyncio.sleep(REST_S)
    return seen


def _first_of_each_kind(plans: list[Plan]) -> list[Plan]:
    """LiteLLM loads much of itself at the first call of each kind, seconds in which nothing else would run."""
    kinds = {(plan.feature.group, plan.streaming): plan for plan in reversed(plans) if plan.ending == "whole"}
    return [replace(plan, number=-1 - plan.number) for plan in kinds.values()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scalix.demo.traffic", description="LiteLLM traffic for the demo.")
    parser.add_argument("--url", required=True, help="where the fake providers are")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    litellm.suppress_debug_info = True
    scalix.install(strict=True)
    # As LiteLLM Proxy has it: the Router stays LiteLLM's own.
    litellm.callbacks.append(routing_hooks())
    rng = Random(options.seed)  # noqa: S311 - a demo's dice, not a secret
    due = arrivals(options.requests, options.seconds)
    plans = [plan(number, arrival, rng) for number, arrival in enumerate(due)]
    seen = asyncio.run(drive(FakeProviders(options.url, Path()), plans, options.seconds))
    sys.stdout.write(json.dumps({"requests": seen.total(), **seen}) + "\n")


if __name__ == "__main__":
    main()
