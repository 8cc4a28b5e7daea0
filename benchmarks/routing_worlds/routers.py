"""A strategy in a world, through a real LiteLLM Router: LiteLLM's own strategies, or Scalix in LiteLLM's hooks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import litellm
import openai
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
from litellm.types.router import RouterRateLimitError

from benchmarks.routing_worlds.direct import RETRIES, our_chooser
from benchmarks.routing_worlds.fate import Fates
from benchmarks.routing_worlds.outcomes import OURS, Outcome
from benchmarks.routing_worlds.provider import NAME, WorldProvider
from collector.failures import kind_of
from collector.guard import guard
from routing.hooks import RoutingHooks, facts_of, prepare_requests, register

if TYPE_CHECKING:
    from benchmarks.routing_worlds.virtual_time import VirtualLoop
    from benchmarks.routing_worlds.worlds import World
    from scalix.demo.traffic.trace import Arrival

UNANSWERED = (openai.OpenAIError, RouterRateLimitError)
"""What LiteLLM raises when a request got no answer: a provider's error, or that nobody is left to ask."""
_CALLBACKS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "service_callback",
    "_async_success_callback",
    "_async_failure_callback",
)


async def run_router(strategy: str, world: World, loop: VirtualLoop) -> Outcome:
    """All requests of the world, each at its time. Every Router may retry as often; all else is LiteLLM's default."""
    for name in _CALLBACKS:
        getattr(litellm, name).clear()
    begun, outcome = loop.time(), Outcome(strategy, world.seed, requests=len(world.arrivals))
    provider = WorldProvider(Fates(world), loop, outcome)
    litellm.custom_provider_map = [{"provider": NAME, "custom_handler": provider}]
    provider.publish_prices()
    for one in world.deployments:
        if one.change_s < world.arrivals[-1].at_s:
            loop.call_at(begun + one.change_s, provider.publish_prices)
    router = _router(strategy, world, loop)

    async def request(number: int) -> None:
        asked = world.arrivals[number]
        await asyncio.sleep(begun + asked.at_s - loop.time())
        try:
            await router.acompletion("chat", messages=_messages(number, asked))
        except UNANSWERED:
            return
        outcome.took(loop.time() - begun - asked.at_s, provider.costs[number])

    await asyncio.gather(*(request(number) for number in range(len(world.arrivals))))
    await GLOBAL_LOGGING_WORKER.flush()
    await GLOBAL_LOGGING_WORKER.stop()
    if guard.errors:
        raise RuntimeError(f"our own hooks failed {guard.errors} times: {guard.last_error}")
    return outcome


def _router(strategy: str, world: World, loop: VirtualLoop) -> Any:
    deployments = [
        {
            "model_name": "chat",
            "model_info": {"id": one.name},
            "litellm_params": {"model": f"{NAME}/{one.name}", "rpm": one.quota},
        }
        for one in world.deployments
    ]
    built_in = "simple-shuffle" if strategy == OURS else strategy
    router = litellm.Router(model_list=deployments, routing_strategy=built_in, num_retries=RETRIES)
    if strategy == OURS:
        hooks = RoutingHooks(our_chooser(world, loop, facts_of, lambda _: None), kind_of, guard)
        register(hooks)
        prepare_requests(router, hooks)
    return router


def _messages(number: int, asked: Arrival) -> list[dict[str, str]]:
    """As many tokens as the request has, at four characters each; the number says which request it is."""
    return [{"role": "user", "content": f"{number} ".ljust(4 * asked.context_tokens, "w")}]
