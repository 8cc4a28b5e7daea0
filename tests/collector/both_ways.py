"""Lines made both ways, by the compiled module and by the Python code, of what LiteLLM hands over."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from collector import answers, attempts, fields, usage
from collector.attempts import TOLD_OF_FAILURE, TOLD_OF_SUCCESS
from collector.identity import Attempt
from collector.native import ordinary
from collector.settings import Settings
from scalix.events import AttemptEvent, to_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.answers import Answer

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "litellm-payloads.json").read_text())
SETTINGS = Settings(spool=Path("unused"), metadata_keys=frozenset({"scalix_user", "scalix_pro", "kept"}))
NOW_NS, TICKS_NS = 1_795_382_776_922_791_345, 958_768_559_678
STARTED = datetime(2026, 11, 27, 8, 0, 0, 123456)  # noqa: DTZ001  naive, as LiteLLM has it
ENDED = datetime(2026, 11, 27, 8, 0, 1, 500001)  # noqa: DTZ001  same
MESSAGES = [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Grüße " * 40}]
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
BODY = {"id": "chatcmpl-1", "model": "gpt-4o-mini", "choices": [{"message": {"content": "hé"}}], "usage": USAGE}
PRICED = {"model_map_value": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}


def call(**changed: Any) -> dict[str, Any]:
    """Call details as LiteLLM has them when it hands a call over; names with two underscores go into what is nested."""
    own = {"model_group": "chat", "attempted_retries": 0, "tags": ["team:search", "env:prod"], "scalix_user": "ada"}
    params: dict[str, Any] = {"metadata": own, "api_base": "https://api.openai.com/v1/", "model_info": {"id": "dep-a"}}
    details: dict[str, Any] = {
        "litellm_call_id": "call-1",
        "litellm_trace_id": "trace-1",
        "custom_llm_provider": "openai",
        "model": "openai/gpt-4o-mini",
        "call_type": "acompletion",
        "user": "end-user-7",
        "messages": MESSAGES,
        "optional_params": {"max_tokens": 50, "temperature": 0.2},
        "litellm_params": params,
        "api_call_start_time": STARTED,
        "completion_start_time": STARTED,
    }
    for name, value in changed.items():
        place, _, key = name.rpartition("__")
        {"": details, "params": params, "own": own, "options": details["optional_params"]}[place][key] = value
    return details


def payload(**changed: Any) -> dict[str, Any]:
    """What LiteLLM makes of a call in the end."""
    told = {
        "response_cost": 2.4e-05,
        "cost_breakdown": {"input_cost": 1.2e-05, "output_cost": 1.2e-05, "tool_usage_cost": 0.0, "additional": {}},
        "metadata": {"usage_object": {**USAGE, "cost": 2.5e-05}},
        "hidden_params": {"additional_headers": {"llm_provider-date": "today"}},
        "error_information": {"error_class": "", "error_code": ""},
        "model_map_information": PRICED,
        "cache_hit": False,
        "end_user": "somebody",
    }
    return told | changed


def expected(make: Callable[[], AttemptEvent]) -> bytes | None:
    """The line of the long way, at the moment that the short one was given; None for what the guard would count."""
    try:
        event = make()
    except Exception:  # noqa: BLE001  as the guard does
        return None
    at = {"at_us": NOW_NS // 1000, "mono_us": TICKS_NS // 1000}
    if event.ended_us == event.at_us:
        at["ended_us"] = at["at_us"]
    return to_line(msgspec.structs.replace(event, **at))


def opened(details: dict[str, Any]) -> tuple[bytes | None, bytes | None]:
    attempt = Attempt("call-1", 5)
    kept = partial(fields.kept, settings=SETTINGS)
    short = ordinary.opened(attempt, details, tuple(SETTINGS.metadata_keys), kept, NOW_NS, TICKS_NS)
    return short, expected(lambda: attempts.opened(attempt, details, SETTINGS))


def answered(body: object) -> tuple[bytes | None, bytes | None]:
    attempt = Attempt("call-1", 5)
    short = ordinary.answered(attempt, body, answers.decode, usage.decode_plain, NOW_NS, TICKS_NS)
    answer = answers.read(body)
    return short, None if answer is None else expected(lambda: attempts.answered(attempt, answer, body, None, SETTINGS))


def streamed(details: dict[str, Any], answer: Answer, source: usage.Source) -> tuple[bytes | None, bytes | None]:
    attempt = Attempt("call-1", 5)
    short = ordinary.streamed(attempt, details, answer, source, usage.plain, usage.encode, NOW_NS, TICKS_NS)
    return short, expected(lambda: attempts.streamed(attempt, details, answer, source))


def ended(
    details: dict[str, Any], end: object, *, success: bool, response: object = None
) -> tuple[bytes | None, bytes | None]:
    attempt = Attempt("call-1", 5, told=TOLD_OF_SUCCESS if success else TOLD_OF_FAILURE)
    short = ordinary.ended(attempt, success, details, response, end, usage.encode, NOW_NS, TICKS_NS)
    kind: Literal["success", "failure"] = "success" if success else "failure"
    long = expected(lambda: attempts.final(kind, attempt, details, response, end, settings=SETTINGS))
    return short, long
