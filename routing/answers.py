"""What came back from a deployment, read from LiteLLM's objects without knowing their classes."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .evidence import Answer

LONGEST_DATED_S = 300.0
"""A date further away says more about clocks than about the provider; breakers believe no more than this either."""


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


def retry_after_of(error: BaseException, now: datetime | None = None) -> float | None:
    """Seconds that a provider asked to wait for, as a number or until a date; None when it did not.

    A date counts from the answer's own ``Date``, which the same clock wrote, else from ``now``; whatever clocks say,
    it is not in the past, nor more than ``LONGEST_DATED_S`` away.
    """
    headers = headers_of(error)
    asked = _header(headers, "retry-after")
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        until = _date(asked)
        if until is None:
            return None
        since = _date(_header(headers, "date") or "") or now or datetime.now(UTC)
        return min(max((until - since).total_seconds(), 0.0), LONGEST_DATED_S)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _header(headers: Any, name: str) -> str | None:
    try:
        return str(headers[name]) if headers and name in headers else None
    except (TypeError, KeyError):
        return None


def _date(text: str) -> datetime | None:
    """A moment in one of HTTP's three formats, all of which are in UTC."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def headers_of(error: object) -> Any:
    """The headers of the answer that an error is made of, wherever LiteLLM has put them; a mapping, perhaps empty."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    return headers or getattr(error, "litellm_response_headers", None) or {}


def _between(start: Any, end: Any) -> float | None:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return max((end - start).total_seconds(), 0.0)
    return None


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
