"""Our policy in a world without LiteLLM around it: what tests and tuning run, in a tenth of the time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.routing_worlds.fate import Fates
from benchmarks.routing_worlds.outcomes import OURS, Outcome
from benchmarks.routing_worlds.worlds import CACHED_PRICE
from routing.asking import Request
from routing.choosing import Chooser
from routing.evidence import Answer
from routing.facts import Facts, deployment_id
from routing.observed import Observed
from routing.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.routing_worlds.virtual_time import VirtualLoop
    from benchmarks.routing_worlds.worlds import World
    from scalix.events import DecisionEvent

RETRIES = 3
_KINDS = {"429": "rate_limit", "500": "server", "503": "server"}
_NOWHERE = Path("no-hub-here")


def our_policy(world: World) -> Policy:
    """What an operator who wants the world's limit would set: money alone, under that limit."""
    return Policy(usd_per_s=0.0, most_p95_s=world.limit_s)


def our_chooser(
    world: World, loop: VirtualLoop, facts: Callable[[Any], Facts], record: Callable[[DecisionEvent], object]
) -> Chooser:
    """Chooses by what this process sees alone: there is no hub, and nothing is known at first but list prices."""
    observed = Observed(_NOWHERE, clock=loop.time)
    return Chooser(observed, record, our_policy(world), draw=Random(f"draws {world.seed}").random, facts=facts)


async def run_directly(
    world: World, loop: VirtualLoop, record: Callable[[DecisionEvent], object] = lambda _: None
) -> Outcome:
    """All requests of the world, each at its time."""
    begun = loop.time()
    by_name = {one.name: one for one in world.deployments}

    def facts(deployment: Any) -> Facts:
        fresh, output = by_name[deployment_id(deployment)].prices(loop.time() - begun)
        return Facts(list_input_usd=fresh, list_cached_usd=fresh * CACHED_PRICE, list_output_usd=output)

    chooser, fates, outcome = our_chooser(world, loop, facts, record), Fates(world), Outcome(OURS, world.seed)
    listed = [{"model_info": {"id": one.name}} for one in world.deployments]

    async def request(number: int) -> None:
        asked = world.arrivals[number]
        await asyncio.sleep(begun + asked.at_s - loop.time())
        trace = f"{world.seed}-{number}"
        for _ in range(1 + RETRIES):
            choice = chooser.choose("chat", listed, Request(trace=trace, input_tokens=asked.context_tokens))
            name = deployment_id(choice[0]) if choice else ""
            fate = fates.of(number, by_name[name], loop.time() - begun)
            outcome.note(name)
            await asyncio.sleep(fate.after_s)
            if fate.error is None:
                answer = Answer(
                    input_tokens=asked.context_tokens,
                    cached_tokens=fate.cached_tokens,
                    output_tokens=asked.generated_tokens,
                )
                chooser.observed.succeeded(name, trace, answer)
                outcome.took(loop.time() - begun - asked.at_s, fate.cost_usd)
                return
            chooser.observed.failed(name, _KINDS[fate.error], trace, fate.retry_after_s)
            chooser.remembered.failed(trace, name)

    outcome.requests = len(world.arrivals)
    await asyncio.gather(*(request(number) for number in range(len(world.arrivals))))
    return outcome
