"""The events of one attempt of the history: handed over, then answered or failed."""

from __future__ import annotations

import math
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from scalix.demo.history.incidents import cached_share, price_factor
from scalix.demo.providers.prices import LISTED, price_of
from scalix.demo.providers.tokens import Tokens
from scalix.events import AttemptEvent

if TYPE_CHECKING:
    from random import Random

    from scalix.demo.history.incidents import Trouble
    from scalix.demo.history.requests import Asked
    from scalix.demo.history.workloads import Deployment

TIMEOUT_US = 30_000_000
REFUSAL_MS = 180
FRAMING_TOKENS = 64
KEYS = {team: sha256(team.encode()).hexdigest() for team in ("support", "search", "platform", "finance", "marketing")}


def uuid(rng: Random) -> str:
    """A random UUID's text from the seed."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def opened(asked: Asked, deployment: Deployment, group: str, at_us: int, rng: Random) -> AttemptEvent:
    """The call was handed to a deployment."""
    feature = asked.feature
    return AttemptEvent(
        kind="opened",
        call_id=uuid(rng),
        started_us=at_us,
        at_us=at_us,
        trace_id=asked.trace_id,
        provider=deployment.provider,
        model=deployment.model,
        model_group=group,
        original_model_group=feature.group,
        deployment_id=deployment.id,
        api_base=deployment.api_base,
        call_type="acompletion" if feature.output_tokens else "aembedding",
        streaming=asked.streaming,
        upstream=True,
        input_tokens_high=asked.prompt_tokens * 4 + FRAMING_TOKENS,
        output_tokens_high=max(1, feature.output_tokens * 4),
        user_id=asked.person,
        team_id=feature.team,
        team_alias=feature.team.capitalize(),
        key_hash=KEYS[feature.team],
        key_alias=f"{feature.team}-prod",
        tags=[f"feature:{feature.name}", "env:prod"],
    )


def failure(attempt: AttemptEvent, trouble: Trouble, rng: Random) -> AttemptEvent:
    """LiteLLM's last word on an attempt that the provider let down."""
    waited_us = TIMEOUT_US if trouble.kind == "timeout" else int(REFUSAL_MS * 1000 * rng.lognormvariate(0, 0.5))
    ended_us = attempt.started_us + waited_us
    return msgspec.structs.replace(
        attempt,
        kind="failure",
        at_us=ended_us,
        ended_us=ended_us,
        error_kind=trouble.kind,
        error_class=trouble.error_class,
        error_code=str(trouble.status),
        error_message=f"{attempt.provider} answered {trouble.status}",
    )


def success(attempt: AttemptEvent, asked: Asked, deployment: Deployment, slower: float, rng: Random) -> AttemptEvent:
    """LiteLLM's last word on an attempt that was answered, with what was used and what it cost."""
    tokens = _tokens(asked, deployment, rng)
    pace = slower * rng.lognormvariate(0, 0.35) * 1000
    first_us = int(deployment.first_token_ms * pace)
    ended_us = attempt.started_us + first_us + int(deployment.token_ms * tokens.all_output * pace)
    return msgspec.structs.replace(
        attempt,
        kind="success",
        at_us=ended_us,
        ended_us=ended_us,
        first_token_us=attempt.started_us + first_us if asked.streaming else None,
        response_id=f"chatcmpl-{rng.getrandbits(96):024x}",
        served_model=deployment.model,
        input_tokens=tokens.input,
        cache_read_tokens=tokens.cache_read or None,
        cache_write_5m_tokens=tokens.cache_write_5m or None,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning or None,
        tokens_source="reported",
        litellm_cost_pusd=_cost_pusd(deployment.model, tokens, asked.days_ago),
    )


def _tokens(asked: Asked, deployment: Deployment, rng: Random) -> Tokens:
    prompt = asked.prompt_tokens
    share = cached_share(asked.feature, asked.days_ago)
    read = int(prompt * min(0.95, share * rng.uniform(0.8, 1.2)))
    # What a cache did not give back, Anthropic's callers write into it anew.
    write = int((prompt - read) * 0.8) if deployment.provider == "anthropic" and asked.feature.cached else 0
    output = math.ceil(asked.feature.output_tokens * min(4.0, rng.lognormvariate(0, 0.5)))
    reasoning = int(output * rng.uniform(0.2, 0.5)) if deployment.thinks else 0
    return Tokens(
        input=prompt - read - write,
        cache_read=read,
        cache_write_5m=write,
        output=output - reasoning,
        reasoning=reasoning,
    )


def _cost_pusd(model: str, tokens: Tokens, days_ago: float) -> int | None:
    price = price_of(model, LISTED)
    return None if price is None else round(price.cost_pusd(tokens) * price_factor(model, days_ago))
