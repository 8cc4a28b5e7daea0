"""What a call can cost at most, before it is made: the longest that prompt and answer can be, at each price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.access.spending import Offer
from collector.bounds import input_tokens_high, output_tokens_high
from collector.values import count
from scalix.events import PICODOLLARS

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_OUTPUT = 4096
"""Where neither request nor model names a limit; a call that exceeds it is settled with what it cost all the same."""
BYTES_PER_TOKEN = 4
"""For limits of tokens a minute, which are corrected afterwards, a prompt is counted as it usually is, not at most."""
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_COUNTED_BY_NAME = ("tools", "functions", "response_format", "instructions")
_PROMPT_PRICES = ("input_cost_per_token", "cache_creation_input_token_cost")


def offers(data: Mapping[str, Any], prices: Mapping[str, Mapping[str, Any]]) -> tuple[Offer, ...]:
    """Offers for a request's body, by the prices (entries as in LiteLLM's map) of the deployments it can reach.

    The first holds for all of them, each that follows for the cheaper ones alone. Without a bound for some deployment,
    because a price is missing or the prompt holds media, the first has none; free models come to 0.
    """
    options = {name: value for name, value in data.items() if name not in {"messages", "input", "prompt"}}
    # What the provider keeps of an earlier answer counts as prompt, and nobody here knows how long it is.
    prompt = None if data.get("previous_response_id") else input_tokens_high(_prompt(data, options))
    output, choices = _output(options), _choices(options)
    tokens = (prompt or 0) // BYTES_PER_TOKEN + (output or 0)
    bounds = {name: _most_pusd(price, prompt, output, choices) for name, price in prices.items()}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    levels = sorted(set(known.values()), reverse=True)
    narrowed = [
        Offer(level, tokens, frozenset(name for name, bound in known.items() if bound <= level)) for level in levels
    ]
    if not known or len(known) < len(bounds):
        return Offer(None, tokens), *narrowed
    return Offer(levels[0], tokens), *narrowed[1:]


def _prompt(data: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """As the collector's bound takes it. Whatever else is sent may become part of the prompt, so all of it counts."""
    texts = {name: value for name, value in options.items() if isinstance(value, str | list | dict)}
    others = [value for name, value in texts.items() if name not in _COUNTED_BY_NAME]
    return {
        "messages": data.get("messages"),
        "input": data.get("input") or data.get("prompt"),
        "optional_params": {**options, "system": others},
    }


def _output(options: Mapping[str, Any]) -> int | None:
    """The largest of the limits that a request names, all choices together: providers differ in which they heed."""
    named = [{**options, **dict.fromkeys(_LIMITS), limit: options.get(limit)} for limit in _LIMITS]
    found = [bound for one in named if (bound := output_tokens_high({"optional_params": one})) is not None]
    return max(found, default=None)


def _choices(options: Mapping[str, Any]) -> int:
    return max(count(options.get("n")) or 1, count(options.get("best_of")) or 1)


def _most_pusd(price: Mapping[str, Any], prompt: int | None, output: int | None, choices: int) -> int | None:
    given = [price.get(name) for name in _PROMPT_PRICES]
    per_output = price.get("output_cost_per_token")
    if given[0] is None or per_output is None:
        return None
    per_input = max(float(one) for one in given if one is not None)
    if per_input == 0 and float(per_output) == 0:
        return 0
    if prompt is None:
        return None
    answer = output if output is not None else int(price.get("max_output_tokens") or MOST_OUTPUT) * choices
    return round((prompt * per_input + answer * float(per_output)) * PICODOLLARS)
