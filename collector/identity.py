"""Which attempt a hook speaks of, worked out from what the hook is given and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from scalix.times import now_us

from .values import NOTHING, identifier, mapping, moment_us, text

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_REMEMBERED = 10_000
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


class Attempt(msgspec.Struct):
    """Call id and start in microseconds, flags for what of them had to be made up, and what was told of it so far."""

    call_id: str
    started_us: int
    flags: list[str] | None = None
    told: int = 0


class Attempts:
    """The attempts seen lately, so that each is identified once and nothing is told of it twice.

    ``api_call_start_time`` is set afresh each time a call is handed to a provider, also where LiteLLM keeps one call
    id over retries and fallbacks; calls that never were handed over only have ``start_time``.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, object], Attempt] = {}

    def of(self, details: Mapping[str, Any]) -> Attempt:
        """The attempt that LiteLLM's call details speak of."""
        get = details.get
        key = get("litellm_call_id"), get("api_call_start_time") or get("start_time")
        try:
            known = self._known.get(key)
        except TypeError:
            return _made_up(text(key[0]), moment_us(key[1]))
        return self._first_seen(key) if known is None else known

    def _first_seen(self, key: tuple[object, object]) -> Attempt:
        call_id, started = key
        if type(call_id) is not str or type(started) is not datetime:
            return _made_up(text(call_id), moment_us(started))
        attempt = self._known[key] = _made_up(identifier(call_id), moment_us(started))
        if len(self._known) > MOST_REMEMBERED:
            self.forget(MOST_REMEMBERED // 10)
        return attempt

    def forget(self, most: int) -> None:
        """Forget the oldest; what a later event says of one of them is told in full."""
        for oldest in list(self._known)[:most]:
            self._known.pop(oldest, None)


def _made_up(call_id: str | None, started_us: int | None) -> Attempt:
    if call_id is not None and started_us is not None:
        return Attempt(call_id, started_us)
    flags = ["no_call_id"] * (call_id is None) + ["no_start"] * (started_us is None)
    return Attempt(call_id or str(uuid4()), now_us() if started_us is None else started_us, flags)


def handed_over(details: Mapping[str, Any]) -> bool:
    """Whether the call was handed to a provider."""
    return details.get("api_call_start_time") is not None and not details.get(NO_UPSTREAM)
