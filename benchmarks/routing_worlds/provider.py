"""A world's deployments as a provider of LiteLLM: its answers, errors and list prices, in virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import litellm
from litellm.llms.custom_llm import CustomLLM

from benchmarks.routing_worlds.worlds import CACHED_PRICE

if TYPE_CHECKING:
    from benchmarks.routing_worlds.fate import Fate, Fates
    from benchmarks.routing_worlds.outcomes import Outcome
    from benchmarks.routing_worlds.virtual_time import VirtualLoop

NAME = "world"
_URL = "http://world.invalid"


class WorldProvider(CustomLLM):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Knows the request by the number its message begins with."""

    def __init__(self, fates: Fates, loop: VirtualLoop, outcome: Outcome) -> None:
        super().__init__()
        self._fates = fates
        self._loop = loop
        self._outcome = outcome
        self._begun = loop.time()
        self._by_name = {one.name: one for one in fates.world.deployments}
        self.costs: dict[int, float] = {}
        """Dollars billed for each request."""

    async def acompletion(self, model: str, messages: list[Any], model_response: Any, **given: Any) -> Any:
        if given.get("logging_obj") is not None:  # as LiteLLM's own providers do: least-busy counts by it
            given["logging_obj"].pre_call(input=messages, api_key="", additional_args={})
        number = int(messages[0]["content"].partition(" ")[0])
        fate = self._fates.of(number, self._by_name[model], self._loop.time() - self._begun)
        self._outcome.note(model)
        await asyncio.sleep(fate.after_s)
        if fate.error is not None:
            raise _error(fate, model)
        self.costs[number] = fate.cost_usd
        asked = self._fates.world.arrivals[number]
        model_response.choices[0].message.content = "done"
        model_response.usage = litellm.Usage(
            prompt_tokens=asked.context_tokens,
            completion_tokens=asked.generated_tokens,
            total_tokens=asked.context_tokens + asked.generated_tokens,
            prompt_tokens_details={"cached_tokens": fate.cached_tokens},
        )
        return model_response

    def publish_prices(self) -> None:
        """Bring LiteLLM's price map to what the deployments charge at this moment."""
        now = self._loop.time() - self._begun
        for one in self._fates.world.deployments:
            fresh, output = one.prices(now)
            litellm.register_model(
                {
                    f"{NAME}/{one.name}": {
                        "litellm_provider": NAME,
                        "mode": "chat",
                        "input_cost_per_token": fresh,
                        "cache_read_input_token_cost": fresh * CACHED_PRICE,
                        "output_cost_per_token": output,
                    }
                }
            )


def _error(fate: Fate, model: str) -> Any:
    headers = {} if fate.retry_after_s is None else {"retry-after": f"{fate.retry_after_s:.0f}"}
    response = httpx.Response(int(fate.error or 500), headers=headers, request=httpx.Request("POST", _URL))
    if fate.error == "429":
        return litellm.RateLimitError("too many requests", NAME, model, response=response)
    if fate.error == "503":
        return litellm.ServiceUnavailableError("down", NAME, model, response=response)
    return litellm.InternalServerError("broken", NAME, model, response=response)
