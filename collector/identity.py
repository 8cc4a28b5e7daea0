"""Which attempt a hook speaks of, worked out from what the hook is given and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from scalix.times import now_us

from .values import NOTHING, mapping, moment_us, text

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_UPSTREAM = "litellm_no_upstream_llm_call"
"""LiteLLM's mark on calls that its proxy turned away before any provider was asked."""


def call_details(request_data: object) -> Mapping[str, Any]:
    """LiteLLM's details of the call that a deployment hook's ``request_data`` belongs to; empty when there are none.

    ``request_data`` carries the call's logging object, or, at the end of a Responses stream, is the details itself.
    """
    data = mapping(request_data)
    details = getattr(data.get("litellm_logging_obj"), "model_call_details", None)
    if details is not None:
        return mapping(details)
    return data if "litellm_call_id" in data and "litellm_params" in data else NOTHING


Key = tuple[str, int, list[str] | None]
"""Call id, start in microseconds, and flags for what had to be made up."""


def key_of(details: Mapping[str, Any]) -> Key:
    """Call id and start in microseconds, with flags for what had to be made up.

    ``api_call_start_time`` is set afresh each time a call is handed to a provider, also where LiteLLM keeps one call
    id over retries and fallbacks; calls that never were handed over only have ``start_time``.
    """
    flags = None
    call_id = text(details.get("litellm_call_id"))
    if call_id is None:
        call_id, flags = str(uuid4()), ["no_call_id"]
    started = moment_us(details.get("api_call_start_time") or details.get("start_time"))
    if started is None:
        started, flags = now_us(), [*(flags or ()), "no_start"]
    return call_id, started, flags


def handed_over(details: Mapping[str, Any]) -> bool:
    """Whether the call was handed to a provider."""
    return details.get("api_call_start_time") is not None and not details.get(NO_UPSTREAM)
