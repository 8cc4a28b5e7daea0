"""The models that can be called, and what LiteLLM's map of models knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .catalogue import Catalogue, Configured

_PER_MILLION = 1_000_000


@dataclass(frozen=True)
class Model:
    """One model. Prices are list prices in USD per million tokens; None is unknown."""

    name: str
    """``provider/model``, by which a Router made of the catalogue knows it."""
    litellm: str
    """LiteLLM's name."""
    configured: bool
    """Whether the settings name it; others are merely known to exist."""
    context_tokens: int | None
    input_usd: float | None
    output_usd: float | None


def models(
    catalogue: Catalogue, known: Mapping[str, Any], *, provider: str | None = None, everything: bool = False
) -> list[Model]:
    """Models of the configured providers, or of one, which then has to be configured.

    ``known`` is LiteLLM's map. ``everything`` adds the chat models that the map lists for these providers.
    """
    chosen = list(catalogue.providers.values()) if provider is None else [catalogue.provider(provider)]
    return [model for one in chosen for model in _of(one, known, everything=everything)]


def _of(one: Configured, known: Mapping[str, Any], *, everything: bool) -> Iterator[Model]:
    named = dict.fromkeys(one.models)
    for model in named:
        yield _model(one, model, known, configured=True)
    if everything:
        prefix = f"{one.known.litellm}/"
        for name, facts in sorted(known.items()):
            model = name.removeprefix(prefix)
            if _is_chat_of(one, facts) and model not in named:
                yield _model(one, model, known, configured=False)


def _is_chat_of(one: Configured, facts: Mapping[str, Any]) -> bool:
    return facts.get("litellm_provider") == one.known.litellm and facts.get("mode") in {"chat", "responses"}


def _model(one: Configured, model: str, known: Mapping[str, Any], *, configured: bool) -> Model:
    litellm = f"{one.known.litellm}/{model}"
    facts = known.get(litellm) or known.get(model) or {}
    return Model(
        name=f"{one.name}/{model}",
        litellm=litellm,
        configured=configured,
        context_tokens=facts.get("max_input_tokens"),
        input_usd=_per_million(facts.get("input_cost_per_token")),
        output_usd=_per_million(facts.get("output_cost_per_token")),
    )


def _per_million(price: Any) -> float | None:
    return round(price * _PER_MILLION, 6) if isinstance(price, int | float) else None
