"""What came back from a deployment, read from LiteLLM's objects without knowing their classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .evidence import Answer


def answer_of(response: Any, start: Any, end: Any, first: Any) -> Answer:
    """How long an answer took and what it used; what cannot be told stays unknown. The moments are LiteLLM's."""
    usage = _get(response, "usage")
    return Answer(
        latency_s=_between(start, end),
        ttft_s=_between(start, first),
        input_tokens=_number(_get(usage, "prompt_tokens")),
        cached_tokens=_number(_get(_get(usage, "prompt_tokens_details"), "cached_tokens")) or 0.0,
        output_tokens=_number(_get(usage, "completion_tokens")),
    )


def retry_after_of(error: BaseException) -> float | None:
    """Seconds that a provider asked to wait for; None when it did not, or gave a date."""
    headers = getattr(getattr(error, "response", None), "headers", None) or getattr(
        error, "litellm_response_headers", None
    )
    try:
        return float(headers["retry-after"]) if headers and "retry-after" in headers else None
    except (TypeError, ValueError):
        return None


def _between(start: Any, end: Any) -> float | None:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return max((end - start).total_seconds(), 0.0)
    return None


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
