"""Where our cost differs from LiteLLM's on purpose. Each rule explains the difference exactly, or does not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES, prompt_tokens
from analytics.pricing.price import Priced, price
from analytics.pricing.rates import GLOBAL, Circumstances, rates
from tests.analytics.pricing.oracle import Case, facts_of, ours

if TYPE_CHECKING:
    from analytics.pricing.facts import InForce, PriceFact

TOLERANCE_USD = 1e-9
_KIMI = "fireworks_ai/accounts/fireworks/models/kimi-k2p7-code"
Predicate = Callable[[Case, Priced, float | None], bool]


@dataclass(frozen=True)
class Rule:
    """A difference with a name, what the provider publishes, when it applies, and a call that shows it."""

    name: str
    published: str
    explains: Predicate
    example: Case


def _unpriced(case: Case, priced: Priced, theirs: float | None) -> bool:
    del case
    return priced.cost_usd is None and _same(priced, theirs)


def _refused(case: Case, priced: Priced, theirs: float | None) -> bool:
    del priced
    return theirs is None and case.mode in ("image_generation", "image_edit")


def _image_without_usage(case: Case, priced: Priced, theirs: float | None) -> bool:
    return "gpt-image" in case.model and "output_image" in case.quantities and theirs == 0 and bool(priced.cost_usd)


def _batch_price_missing(case: Case, priced: Priced, theirs: float | None) -> bool:
    del theirs
    return case.tier == "batch" and any(line.fact.key.service_tier != "batch" for line in priced.lines)


def _batch_geography(case: Case, priced: Priced, theirs: float | None) -> bool:
    del priced
    elsewhere = case.tier == "batch" and case.provider == "anthropic" and case.region != GLOBAL
    return elsewhere and _same(ours(replace(case, region=GLOBAL)), theirs)


def _fireworks_tier(case: Case, priced: Priced, theirs: float | None) -> bool:
    del priced
    tiered = case.provider == "fireworks_ai" and case.tier in ("priority", "flex")
    return tiered and _same(ours(replace(case, tier="standard")), theirs)


def _priority_audio(case: Case, priced: Priced, theirs: float | None) -> bool:
    del priced
    facts = facts_of(case.provider, case.model)
    standard = {
        key: fact for key, fact in facts.items() if key.meter != "audio_input" or key.service_tier == "standard"
    }
    now = Circumstances(case.moment, prompt_tokens(case.quantities), case.tier, case.region)
    return len(standard) < len(facts) and _same(price(case.quantities, standard, now), theirs)


def _perplexity_flat(case: Case, priced: Priced, theirs: float | None) -> bool:
    """LiteLLM's formula for Perplexity: the whole prompt at the input price, no cache, no length, no request fee.

    It prices ``perplexity/perplexity/sonar`` by the entry of ``perplexity/sonar``.
    """
    del priced
    if case.provider != "perplexity" or theirs is None:
        return False
    names = case.model, case.model.replace("perplexity/perplexity/", "perplexity/")
    return any(abs(_flat(facts_of("perplexity", name), case) - theirs) <= TOLERANCE_USD for name in names)


def _flat(facts: InForce, case: Case) -> float:
    plain = rates(facts, Circumstances(case.moment, 1)).facts
    charged = dict.fromkeys(INPUT_CLASSES, "input") | dict.fromkeys(OUTPUT_CLASSES, "output")
    charged["reasoning"] = "reasoning"
    billed = {name: _usd(plain[charged[name]]) for name in case.quantities if charged[name] in plain}
    return sum(float(case.quantities[name]) * usd for name, usd in billed.items())


def _usd(fact: PriceFact) -> float:
    return float(fact.amount or 0) / 1_000_000


def _same(priced: Priced, theirs: float | None) -> bool:
    return theirs is not None and abs(float(sum(line.amount_usd for line in priced.lines)) - theirs) <= TOLERANCE_USD


RULES = (
    Rule(
        "unpriced is not zero",
        "The map states no price for something the call used. LiteLLM adds 0 for it; the provider does not work for "
        "nothing. Ours: no cost, counted as unpriced.",
        _unpriced,
        Case("twelvelabs.marengo-embed-2-7-v1:0", "embedding", "bedrock", {"input": 1_000}),
    ),
    Rule(
        "images without a calculator",
        "Fireworks, DashScope and Stability on Bedrock publish prices per image; LiteLLM refuses to price its own "
        "entries for them. Ours: the price of the entry where it has one, else no cost.",
        _refused,
        Case("stability.stable-conservative-upscale-v1:0", "image_edit", "bedrock", {"output_image": 1}),
    ),
    Rule(
        "gpt-image priced by quality and size",
        "OpenAI and Azure publish a price per image by quality and size; without a usage object LiteLLM books 0. "
        "Ours: the published price of the image.",
        _image_without_usage,
        Case("low/1024-x-1024/gpt-image-1.5", "image_generation", "openai", {"output_image": 4}),
    ),
    Rule(
        "no batch price published",
        "Batch discounts are published per model (OpenAI, Anthropic, Gemini: half). Where the map has none, LiteLLM "
        "assumes half, or leaves the cached part at another tier's price. Ours: the standard price.",
        _batch_price_missing,
        Case("computer-use-preview", "chat", "openai", {"input": 1_000, "output": 100}, "batch"),
    ),
    Rule(
        "Anthropic inference geography in batches",
        "Anthropic: 1.1x for US-only inference on all token prices, which stacks with the batch discount. LiteLLM's "
        "batch calculator leaves it out.",
        _batch_geography,
        Case("claude-mythos-5-1", "chat", "anthropic", {"input": 1_000, "output": 100}, "batch", "us"),
    ),
    Rule(
        "Fireworks priority tier",
        "Fireworks publishes priority prices per model and the map has them; LiteLLM's Fireworks calculator is never "
        "told the tier.",
        _fireworks_tier,
        Case(_KIMI, "chat", "fireworks_ai", {"input": 1_000, "output": 100}, "priority"),
    ),
    Rule(
        "audio input at priority",
        "Google publishes a priority price for audio input and the map has it; LiteLLM drops it when it reads the "
        "entry and bills the standard audio price.",
        _priority_audio,
        Case("gemini/gemini-2.5-flash", "chat", "gemini", {"input": 10, "audio_input": 999}, "priority"),
    ),
    Rule(
        "Perplexity request fee, cache and context prices",
        "Perplexity bills a fee per request for its online models, cached input at its own price, and what the routed "
        "provider bills beyond a context length. LiteLLM bills the whole prompt at the input price and no fee.",
        _perplexity_flat,
        Case("perplexity/pplx-70b-online", "chat", "perplexity", {"input": 1_000, "output": 100}),
    ),
)
