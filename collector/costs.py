"""What LiteLLM and the provider say a call cost, in picodollars. Unknown is None, never 0."""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .usage import encoded, fields_of
from .values import mapping, pusd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent

PROVIDER_COST_HEADER = "llm_provider-x-litellm-response-cost"
_UNSAID = (None, "")
_AMOUNT = itemgetter(1)


def record(event: AttemptEvent, details: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Write LiteLLM's cost, its breakdown, the provider's own cost and what a cache hit saved."""
    if event.cache_hit:
        event.litellm_cost_pusd = 0
        event.saved_pusd = _amount(event, payload.get("saved_cache_cost")) or None
        return
    given = payload.get("response_cost") if payload else details.get("response_cost")
    known = pusd(given) or _unclear(event, given, payload)
    if known is not None:
        event.litellm_cost_pusd = known
        breakdown = payload.get("cost_breakdown")
        if known and type(breakdown) is dict:
            event.cost_breakdown = encoded(dict(filter(_AMOUNT, breakdown.items())))
    metadata = payload.get("metadata")
    usage = metadata.get("usage_object") if type(metadata) is dict else None
    if type(usage) is dict and "cost" in usage:
        record_provider(event, usage["cost"])
    hidden = payload.get("hidden_params")
    headers = hidden.get("additional_headers") if type(hidden) is dict else None
    if type(headers) is dict and PROVIDER_COST_HEADER in headers and event.provider_cost_pusd is None:
        _from_header(event, headers[PROVIDER_COST_HEADER])


def record_provider(event: AttemptEvent, cost: Any) -> None:
    """The cost that the provider put into its usage object, as OpenRouter and others do."""
    if cost is not None and event.tokens_source != "estimated":
        event.provider_cost_pusd = _amount(event, fields_of(cost).get("total_cost") or cost)


def _unclear(event: AttemptEvent, cost: object, payload: Mapping[str, Any]) -> int | None:
    """LiteLLM reports 0.0 both for free and for unknown; only a model it has a price of zero for is free."""
    amount = _amount(event, cost)
    if amount != 0:
        return amount
    if payload.get("response_cost_failure_debug_info") not in _UNSAID:
        return None
    return 0 if _priced_at_zero(payload) else None


def _priced_at_zero(payload: Mapping[str, Any]) -> bool:
    info = mapping(mapping(payload.get("model_map_information")).get("model_map_value"))
    if info.get("input_cost_per_token") or info.get("output_cost_per_token"):
        return False
    # LiteLLM fills in 0 for a deployment of the Router whose model its price list does not know: the list decides.
    listed = mapping(getattr(sys.modules.get("litellm"), "model_cost", None)).get(str(info.get("key")))
    info = info if listed is None else mapping(listed)
    prices = (info.get("input_cost_per_token"), info.get("output_cost_per_token"))
    return all(type(price) in {int, float} and price == 0 for price in prices)


def _from_header(event: AttemptEvent, cost: object) -> None:
    if type(cost) is str:
        try:
            event.provider_cost_pusd = _amount(event, float(cost))
        except ValueError:
            _flag(event)


def _amount(event: AttemptEvent, cost: object) -> int | None:
    amount = pusd(cost)
    if amount is None and cost is not None:
        _flag(event)
    return amount


def _flag(event: AttemptEvent) -> None:
    if "cost_not_an_amount" not in (event.flags or ()):
        event.flags = [*(event.flags or ()), "cost_not_an_amount"]
