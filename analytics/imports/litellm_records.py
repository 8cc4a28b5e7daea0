"""LiteLLM's own records: rows of LiteLLM_SpendLogs, and the payloads that its generic_api callback sends.

Both are read by the collector's rules, as if its hook had been given the payload.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.imports.values import (
    BadRecordError,
    boolean,
    dollars_pusd,
    first,
    moment_us,
    nested,
    start_us,
    whole,
)
from collector import attempts
from collector.identity import Attempt
from collector.settings import Settings
from collector.values import mapping
from scalix.events import BEST_EFFORT, IMPORTED, PICODOLLARS, AttemptEvent
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

_SETTINGS = Settings(spool=Path())
"""Nothing of the caller's metadata and no content; the spool is the depositor's affair."""
_PEOPLE = (
    "user_api_key_hash",
    "user_api_key_alias",
    "user_api_key_user_id",
    "user_api_key_team_id",
    "user_api_key_team_alias",
    "user_api_key_end_user_id",
)


def of_payload(payload: Mapping[str, Any], *, latest_us: int) -> AttemptEvent:
    """One StandardLoggingPayload as the event of a whole attempt. Raises BadRecordError.

    What the sender says the provider charged is left out: it would win over the price book, and nobody can check it.
    """
    call_id = payload.get("litellm_call_id") or payload.get("id")
    started_us = start_us(payload, "startTime", latest_us=latest_us)
    event = _event(payload, call_id, started_us, BEST_EFFORT)
    event.provider_cost_pusd = None
    return event


def of_spend_log(row: Mapping[str, Any], *, latest_us: int) -> AttemptEvent:
    """One row of LiteLLM_SpendLogs, as a database or LiteLLM's API exports it. Raises BadRecordError.

    The row's ``request_id`` is its primary key and identifies the attempt; rows of one proxy request share
    ``litellm_call_id``. LiteLLM writes a spend of 0 for what it has no price for, so 0 is unknown.
    """
    started_us = start_us(row, "startTime", latest_us=latest_us)
    payload = _as_payload(row, started_us)
    event = _event(payload, row.get("request_id"), started_us, IMPORTED)
    if event.kind == "success" and event.tokens_source is not None:
        event.tokens_source = "reported"
    if event.litellm_cost_pusd is not None and not event.cache_hit:
        event.litellm_cost_pusd = dollars_pusd(row.get("spend")) or None
    return event


def _event(payload: Mapping[str, Any], call_id: object, started_us: int, label: str) -> AttemptEvent:
    if not isinstance(call_id, str) or not call_id:
        raise BadRecordError("the id of the call is missing")
    kind: Literal["success", "failure"] = "failure" if payload.get("status") == "failure" else "success"
    end = payload.get("endTime")
    event = attempts.final(
        kind,
        Attempt(call_id, started_us, [label]),
        _details(payload, call_id, kind),
        mapping(payload.get("response")),
        float(end) if isinstance(end, int | float) else None,
        settings=_SETTINGS,
    )
    event.at_us, event.mono_us = event.ended_us or started_us, None
    event.prompt = event.answer = None
    return event


def _details(payload: Mapping[str, Any], call_id: str, kind: str) -> dict[str, Any]:
    """LiteLLM's details of a call, as far as a payload still tells them."""
    given = mapping(payload.get("metadata"))
    metadata: dict[str, Any] = {"tags": payload.get("request_tags"), "model_group": payload.get("model_group")}
    if given.get("user_api_key_hash"):
        metadata |= {name: given.get(name) for name in _PEOPLE}
    headers = mapping(mapping(payload.get("hidden_params")).get("additional_headers"))
    for name in ("retries", "fallbacks"):
        if f"x-litellm-attempted-{name}" in headers:
            metadata[f"attempted_{name}"] = headers[f"x-litellm-attempted-{name}"]
    began = payload.get("completionStartTime")
    return {
        "standard_logging_object": payload,
        "litellm_call_id": call_id,
        "litellm_trace_id": payload.get("trace_id"),
        "custom_llm_provider": payload.get("custom_llm_provider"),
        "model": payload.get("model"),
        "call_type": payload.get("call_type"),
        "stream": payload.get("stream"),
        "completion_start_time": float(began) if isinstance(began, int | float) else None,
        "user": mapping(payload.get("model_parameters")).get("user"),
        "api_call_start_time": payload.get("startTime") if kind == "success" else None,
        "litellm_params": {
            "api_base": payload.get("api_base"),
            "litellm_session_id": payload.get("session_id"),
            "model_info": {"id": payload.get("model_id")},
            "metadata": metadata,
        },
    }


def _as_payload(row: Mapping[str, Any], started_us: int) -> dict[str, Any]:
    given = mapping(nested(row.get("metadata")))
    ended_us, token_us = moment_us(row.get("endTime")), moment_us(row.get("completionStartTime"))
    cache_hit = boolean(row.get("cache_hit"))
    spend = dollars_pusd(row.get("spend"))
    return {
        "status": row.get("status") or given.get("status"),
        "trace_id": first(row, "litellm_call_id") or given.get("litellm_call_id"),
        "session_id": row.get("session_id"),
        "call_type": row.get("call_type"),
        # Without a stream the first token comes with the last.
        "stream": True if token_us and ended_us and token_us < ended_us else None,
        "startTime": started_us / MICROSECONDS,
        "endTime": ended_us / MICROSECONDS if ended_us else None,
        "completionStartTime": token_us / MICROSECONDS if token_us else None,
        "custom_llm_provider": row.get("custom_llm_provider"),
        "model": row.get("model"),
        "model_id": row.get("model_id"),
        "model_group": row.get("model_group"),
        "api_base": row.get("api_base"),
        "end_user": row.get("end_user"),
        "request_tags": nested(row.get("request_tags")),
        "cache_hit": cache_hit,
        "response_cost": None if spend is None else spend / PICODOLLARS,
        "cost_breakdown": given.get("cost_breakdown"),
        "error_information": given.get("error_information"),
        "metadata": {
            "usage_object": _usage(row, given),
            "user_api_key_hash": row.get("api_key"),
            "user_api_key_alias": given.get("user_api_key_alias"),
            "user_api_key_user_id": row.get("user"),
            "user_api_key_team_id": row.get("team_id"),
            "user_api_key_team_alias": given.get("user_api_key_team_alias"),
            "user_api_key_end_user_id": row.get("end_user"),
        },
    }


def _usage(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The usage object where LiteLLM kept it, else the row's counts with what it kept of the details."""
    counts = {name: whole(row.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    kept = metadata.get("usage_object")
    if isinstance(kept, dict) and kept:
        return kept
    return {**mapping(metadata.get("additional_usage_values")), **counts}
