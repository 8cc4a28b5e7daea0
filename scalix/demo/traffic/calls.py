"""One request of the traffic: what is asked, for whom, and what the caller saw of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_OID, uuid5

import openai

from scalix.demo.history.arrivals import person_of
from scalix.demo.history.workloads import FEATURES, Feature
from scalix.demo.providers.faults import CALLER, HEADER
from scalix.demo.providers.tokens import BYTES_PER_TOKEN

if TYPE_CHECKING:
    from random import Random

    from scalix.demo.traffic.trace import Arrival

ABANDON_EVERY = 40
CANCEL_EVERY = 60
CANCEL_AFTER_S = 0.2
PROSE = "The quick brown fox jumps over the lazy dog. "

Seen = Literal["answered", "failed", "abandoned", "cancelled"]


@dataclass(frozen=True)
class Plan:
    """One request: everything about it is decided before it starts."""

    number: int
    at_s: float
    feature: Feature
    person: str
    prompt: str
    limit: int
    streaming: bool
    ending: Literal["whole", "abandon", "cancel"]


def plan(number: int, arrival: Arrival, rng: Random) -> Plan:
    """What a request of the trace becomes: one of the features, in the size of the trace."""
    feature = rng.choices(FEATURES, [feature.weight for feature in FEATURES])[0]
    streaming = rng.random() < feature.streaming
    return Plan(
        number=number,
        at_s=arrival.at_s,
        feature=feature,
        person=person_of(feature.team, rng),
        prompt=_prompt(number, arrival.context_tokens),
        limit=arrival.generated_tokens,
        streaming=streaming,
        ending=_ending(number, streaming=streaming),
    )


def _prompt(number: int, tokens: int) -> str:
    size = tokens * BYTES_PER_TOKEN
    return (f"{number}: " + PROSE * (size // len(PROSE) + 1))[:size]


def _ending(number: int, *, streaming: bool) -> Literal["whole", "abandon", "cancel"]:
    if streaming and number % ABANDON_EVERY == 0:
        return "abandon"
    return "cancel" if not streaming and number % CANCEL_EVERY == 1 else "whole"


async def make(router: Any, wanted: Plan) -> Seen:
    """Makes the request as an application would, and says what it saw."""
    try:
        if wanted.feature.output_tokens == 0:
            await router.aembedding(model=wanted.feature.group, input=[wanted.prompt], **_identity(wanted))
            return "answered"
        return await _complete(router, wanted)
    except openai.APIError:
        return "failed"


async def _complete(router: Any, wanted: Plan) -> Seen:
    messages = [{"role": "user", "content": wanted.prompt}]
    options = {"messages": messages, "max_tokens": wanted.limit, "stream": wanted.streaming, **_identity(wanted)}
    if wanted.ending == "cancel":
        return await _cancelled(router, wanted, options)
    answer = await router.acompletion(model=wanted.feature.group, **options)
    if wanted.streaming:
        async for _ in answer:
            if wanted.ending == "abandon":
                await answer.aclose()
                return "abandoned"
    return "answered"


async def _cancelled(router: Any, wanted: Plan, options: dict[str, Any]) -> Seen:
    slow = options | {"extra_headers": options["extra_headers"] | {HEADER: "slow:50"}}
    try:
        async with asyncio.timeout(CANCEL_AFTER_S):
            await router.acompletion(model=wanted.feature.group, **slow)
    except TimeoutError:
        return "cancelled"
    return "answered"


def _identity(wanted: Plan) -> dict[str, Any]:
    """Who asks, as LiteLLM's proxy tells it to callbacks; and for the providers' logs, which request it is."""
    team, trace = wanted.feature.team, str(uuid5(NAMESPACE_OID, f"{wanted.number}"))
    return {
        "user": wanted.person,
        "extra_headers": {CALLER: f"{trace} {wanted.ending}"},
        "litellm_trace_id": trace,
        "metadata": {
            "tags": [f"feature:{wanted.feature.name}", "env:demo"],
            "user_api_key_hash": sha256(team.encode()).hexdigest(),
            "user_api_key_alias": f"{team}-prod",
            "user_api_key_user_id": wanted.person,
            "user_api_key_team_id": team,
            "user_api_key_team_alias": team.capitalize(),
        },
    }
