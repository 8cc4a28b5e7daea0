"""One call priced twice: by LiteLLM's own calculator and by ours, for every entry of LiteLLM's price map."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from litellm._internal_context import pinned_billing_time
from litellm.litellm_core_utils.llm_cost_calc.utils import generic_cost_per_token
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    ImageObject,
    ImageResponse,
    ModelResponse,
    PromptTokensDetailsWrapper,
    ServerToolUse,
    Usage,
)

from analytics.pricing.facts import InForce, PriceFact
from analytics.pricing.litellm_map import installed_map
from analytics.pricing.matching import match, provider_name
from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES, TOKEN_CLASSES, Quantities, prompt_tokens
from analytics.pricing.price import Priced, price
from analytics.pricing.rates import GLOBAL, Circumstances
from scalix.times import EPOCH

if TYPE_CHECKING:
    import random

TOKEN_MODES = frozenset({"chat", "completion", "responses", "embedding"})
AUDIO_MODES = frozenset({"audio_transcription", "audio_speech"})
IMAGE_MODES = frozenset({"image_generation", "image_edit"})
_A_MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
_SPLIT_BY_FAMILY = ("vertex_ai", "bedrock_converse", "fireworks_ai")
_SIGN_IN = ("github_copilot", "chatgpt")
"""Subscriptions that LiteLLM's lookup by name would try to sign in to; the entry itself is handed over instead."""
_SIZE = re.compile(r"(\d+)-x-(\d+)")


@dataclass(frozen=True)
class Case:
    """One call: an entry of the map, what was used, and under which circumstances."""

    model: str
    mode: str
    provider: str
    quantities: Quantities
    tier: str = "standard"
    region: str = GLOBAL
    moment: datetime = _A_MONDAY


def entries() -> dict[str, dict[str, Any]]:
    """LiteLLM's map, without its example."""
    return {name: entry for name, entry in litellm.model_cost.items() if name != "sample_spec"}


@lru_cache(maxsize=1)
def book() -> dict[str, dict[str, InForce]]:
    """The facts seeded from the installed map, by provider and model."""
    installed = installed_map()
    assert installed is not None
    found: dict[str, dict[str, InForce]] = defaultdict(lambda: defaultdict(dict))
    for key, amount in installed.prices.items():
        found[key.provider][key.model][key] = PriceFact(key, amount, EPOCH)
    return found


def facts_of(provider: str, model: str) -> InForce:
    """The facts that price a model; empty when the book does not know it."""
    models = book()[provider_name(provider)]
    name = match(provider_name(provider), model, models)
    return models[name] if name else {}


def ours(case: Case) -> Priced:
    """The call priced by the book."""
    now = Circumstances(case.moment, prompt_tokens(case.quantities), case.tier, case.region)
    return price(case.quantities, facts_of(case.provider, case.model), now)


def theirs(case: Case) -> float | None:
    """The call priced by LiteLLM; None when it refuses to."""
    try:
        with pinned_billing_time(case.moment):
            return _theirs(case)
    except Exception:  # noqa: BLE001 (LiteLLM raises a bare Exception for a model it cannot place)
        return None


def _theirs(case: Case) -> float:
    provider = next((name for name in _SPLIT_BY_FAMILY if case.provider.startswith(name)), case.provider)
    provider = "bedrock" if provider == "bedrock_converse" else provider
    if provider in _SIGN_IN:
        entry = litellm.model_cost[case.model]
        tier = None if case.tier == "standard" else case.tier
        built = usage(case.quantities, case)
        return float(sum(generic_cost_per_token(case.model, built, provider, service_tier=tier, model_info=entry)))
    if case.mode in IMAGE_MODES and "output_image" in case.quantities:
        return _image_cost(case, provider)
    units: dict[str, Any] = {"call_type": "embedding" if case.mode == "embedding" else "completion"}
    if case.mode == "audio_transcription":
        units = {"call_type": "transcription", "audio_transcription_file_duration": case.quantities.get("second", 0)}
    elif case.mode == "audio_speech":
        units = {"call_type": "speech", "prompt_characters": case.quantities.get("character")}
    elif case.tier == "batch":
        units = {"call_type": "retrieve_batch"}
    costs = litellm.cost_per_token(
        model=case.model,
        custom_llm_provider=provider,
        usage_object=usage(case.quantities, case),
        service_tier=None if case.tier in ("standard", "batch") else case.tier,
        data_residency=case.region if provider == "openai" and case.region != GLOBAL else None,
        vertex_location=case.region if provider == "vertex_ai" else None,
        **units,
    )
    return float(sum(costs))


def usage(quantities: Quantities, case: Case) -> Usage:
    """The usage object in which LiteLLM would have received these quantities."""
    used = {name: int(quantities.get(name, 0)) for name in TOKEN_CLASSES}
    prompt = sum(used[name] for name in INPUT_CLASSES)
    completion = sum(used[name] for name in OUTPUT_CLASSES)
    short, long = used["cache_write_5m"], used["cache_write_1h"]
    written = CacheCreationTokenDetails(ephemeral_5m_input_tokens=short, ephemeral_1h_input_tokens=long)
    built = Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            text_tokens=used["input"],
            cached_tokens=used["cache_read"],
            audio_tokens=used["audio_input"],
            image_tokens=used["image_input"],
            cache_creation_tokens=short + long,
            cache_creation_token_details=written if short + long else None,
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(
            text_tokens=used["output"],
            reasoning_tokens=used["reasoning"],
            audio_tokens=used["audio_output"],
            image_tokens=used["image_output"],
        ),
    )
    if case.provider == "anthropic":
        built.inference_geo = None if case.region == GLOBAL else case.region
        built.speed = "fast" if case.tier == "fast" else None
    return built


def searched(case: Case) -> float:
    """What LiteLLM adds to a chat answer for the searches made."""
    built = usage(case.quantities, case)
    count = int(case.quantities["web_search"])
    built.server_tool_use = ServerToolUse(web_search_requests=count)
    built.prompt_tokens_details.web_search_requests = count
    answer = ModelResponse(model=case.model, usage=built)
    provider = provider_name(case.provider)
    with_searches: float = litellm.completion_cost(answer, model=case.model, custom_llm_provider=provider)
    return with_searches


def _image_cost(case: Case, provider: str) -> float:
    answer = ImageResponse(data=[ImageObject(url="x") for _ in range(int(case.quantities["output_image"]))])
    size = _SIZE.search(case.model)
    cost: float = litellm.completion_cost(
        answer,
        model=case.model,
        custom_llm_provider=provider,
        call_type="image_generation",
        size=size.group() if size else "1024-x-1024",
    )
    return cost


def cases(model: str, entry: dict[str, Any], dice: random.Random, count: int) -> list[Case]:
    """Seeded random calls of one entry; none for modes that are not compared."""
    mode = str(entry.get("mode"))
    if mode not in TOKEN_MODES | AUDIO_MODES | IMAGE_MODES:
        return []
    return [_case(model, mode, entry, dice) for _ in range(count)]


def _case(model: str, mode: str, entry: dict[str, Any], dice: random.Random) -> Case:
    provider = str(entry.get("litellm_provider"))
    moment = _A_MONDAY + timedelta(minutes=dice.randrange(7 * 24 * 60))
    if mode in TOKEN_MODES:
        tier = dice.choice(_tiers(provider, mode))
        return Case(model, mode, provider, _tokens(mode, entry, dice), tier, _region(provider, dice), moment)
    if mode == "audio_transcription" and dice.random() < 0.7:
        return Case(model, mode, provider, {"second": dice.randint(1, 7200)}, moment=moment)
    if mode == "audio_speech" and entry.get("input_cost_per_character"):
        return Case(model, mode, provider, {"character": dice.randint(1, 4000)}, moment=moment)
    if mode == "audio_speech" and entry.get("output_cost_per_image"):  # one piece of music
        return Case(model, mode, provider, {"output_image": 1}, moment=moment)
    if mode in IMAGE_MODES:
        return Case(model, mode, provider, _images(model, dice), moment=moment)
    return Case(model, mode, provider, _tokens(mode, entry, dice), moment=moment)


def _tiers(provider: str, mode: str) -> list[str]:
    if mode == "embedding":
        return ["standard"]
    if provider in _SIGN_IN:
        return ["standard", "priority"]
    return ["standard", "standard", "flex", "priority", "batch"] + ["fast"] * (provider == "anthropic")


def _region(provider: str, dice: random.Random) -> str:
    if provider in ("openai", "anthropic"):
        return dice.choice([GLOBAL, GLOBAL, "us"] + ["eu"] * (provider == "openai"))
    return dice.choice([GLOBAL, "us-east5"]) if provider.startswith("vertex_ai") else GLOBAL


def _tokens(mode: str, entry: dict[str, Any], dice: random.Random) -> dict[str, int]:
    possible: tuple[str, ...] = (
        TOKEN_CLASSES if mode in TOKEN_MODES - {"embedding"} else INPUT_CLASSES[:1] + INPUT_CLASSES[4:]
    )
    if mode == "audio_speech":
        possible = ("input", "audio_output")
    used = {name: dice.randint(1, 9000) for name in possible if name == "input" or dice.random() < 0.5}
    thresholds = thresholds_of(entry)
    if thresholds and dice.random() < 0.8:
        wanted = dice.choice(thresholds) + dice.choice([-1, 0, 1, 20_000])
        used["input"] = max(1, wanted - prompt_tokens({**used, "input": 0}))
    return used


def _images(model: str, dice: random.Random) -> dict[str, int]:
    size = _SIZE.search(model)
    width, height = (int(size[1]), int(size[2])) if size else (1024, 1024)
    count = dice.randint(1, 8)
    return {"output_image": count, "output_pixel": count * width * height}


def thresholds_of(entry: dict[str, Any]) -> list[int]:
    """Prompt lengths at which an entry's prices change."""
    stated = {
        int(found[1]) * (1000 if found[2] else 1)
        for key in entry
        if (found := re.search(r"_above_(\d+)(k?)_tokens", key))
    }
    table = {int(row["range"][1]) for row in entry.get("tiered_pricing") or () if "range" in row}
    return sorted(stated | table)


def shape_of(entry: dict[str, Any]) -> tuple[str, ...]:
    """The price keys an entry states: entries of one shape are priced by the same rules."""
    return tuple(sorted(key for key in entry if "cost" in key or "pricing" in key or "multiplier" in key))
