"""What a call can cost at most, before it is made: the longest its prompt and answer can be, at the dearest price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.bounds import input_tokens_high, output_tokens_high
from collector.values import count
from scalix.events import PICODOLLARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_OUTPUT = 4096
"""Where neither request nor model names a limit; a call that exceeds it is settled with what it cost all the same."""
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_PROMPT_PRICES = ("input_cost_per_token", "cache_creation_input_token_cost")


def most_pusd(data: Mapping[str, Any], prices: Iterable[Mapping[str, Any]]) -> int | None:
    """The most picodollars that a request's body can cost at any of these prices (LiteLLM's map entries).

    None when no bound is known: a price is missing, or the prompt holds media. Free models come to 0.
    """
    options = {name: value for name, value in data.items() if name not in {"messages", "input"}}
    call = {"messages": data.get("messages"), "input": data.get("input"), "optional_params": options}
    # What the provider keeps of an earlier answer counts as prompt, and nobody here knows how long it is.
    prompt = None if data.get("previous_response_id") else input_tokens_high(call)
    bounds = [_one(price, prompt, _output(options), _choices(options)) for price in prices]
    known = [bound for bound in bounds if bound is not None]
    return max(known) if known and len(known) == len(bounds) else None


def _output(options: Mapping[str, Any]) -> int | None:
    """The largest of the limits that a request names, all choices together: providers differ in which they heed."""
    named = [{**options, **dict.fromkeys(_LIMITS), limit: options.get(limit)} for limit in _LIMITS]
    found = [bound for one in named if (bound := output_tokens_high({"optional_params": one})) is not None]
    return max(found, default=None)


def _choices(options: Mapping[str, Any]) -> int:
    return max(count(options.get("n")) or 1, count(options.get("best_of")) or 1)


def _one(price: Mapping[str, Any], prompt: int | None, output: int | None, choices: int) -> int | None:
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
