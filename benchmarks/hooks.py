"""Thread CPU time of all our hooks for one call, on payloads that LiteLLM really handed over.

Each recorded payload is replayed as the sequence of hooks that its call would have gone through: handed over,
raw answer seen (or the stream ended, or the deployment failed), LiteLLM's final event. Every hook writes its line to a
real segment; the lines are counted afterwards. What the clock and the loop take by themselves is measured and left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from collector.moments import chat_streams
from collector.native import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET_P50_US = 20
TARGET_P99_US = 100
QUESTION = "What does a call cost? " * 40
MESSAGES = [{"role": "system", "content": "You are terse."}, {"role": "user", "content": QUESTION}]


@dataclass(frozen=True)
class Call:
    """One recorded call, as the hooks receive it."""

    name: str
    details: dict[str, Any]
    answer: str | None
    stream: dict[str, Any] | None
    """What a stream added up to, as LiteLLM builds it when the last chunk is on its way to the caller."""
    error: Exception | None


def _details(payload: dict[str, Any]) -> dict[str, Any]:
    parameters = payload["model_parameters"]
    metadata = {**payload["metadata"], "model_group": payload["model_group"], "attempted_retries": 0}
    return {
        "model": payload["model"],
        "messages": MESSAGES,
        "optional_params": parameters,
        "litellm_params": {
            "metadata": {**metadata, "model_info": {"id": payload["model_id"]}},
            "api_base": payload["api_base"],
            "litellm_call_id": payload["litellm_call_id"],
        },
        "litellm_call_id": payload["litellm_call_id"],
        "litellm_trace_id": payload["trace_id"],
        "call_type": payload["call_type"],
        "stream": payload.get("stream"),
        "user": parameters.get("user"),
        "custom_llm_provider": payload["custom_llm_provider"],
        "api_call_start_time": datetime.fromtimestamp(payload["startTime"]),  # noqa: DTZ006  naive, as LiteLLM has it
        "start_time": datetime.fromtimestamp(payload["startTime"]),  # noqa: DTZ006  same
        "log_event_type": "pre_api_call",
        "api_key": "sk-not-to-be-recorded",
    }


_streams = SimpleNamespace(stream_chunk_builder=lambda built, **_: built)
"""Stands in for LiteLLM's module, whose own time is not ours."""


class RateLimitError(Exception):
    """Stands in for LiteLLM's, which carries these attributes."""

    status_code = 429
    llm_provider = "openai"
    model = "gpt-4o-mini"


def _calls(recorded: dict[str, dict[str, Any]]) -> list[Call]:
    calls = []
    for name, payload in recorded.items():
        failed, streaming = payload["status"] == "failure", bool(payload.get("stream"))
        answer = None if failed or streaming else json.dumps(payload["response"])
        stream = None
        if streaming and not payload.get("cache_hit"):
            stream = payload["response"] | {"usage": payload["metadata"]["usage_object"]}
        error = RateLimitError(payload["error_str"]) if failed else None
        calls.append(Call(name, _details(payload) | {"standard_logging_object": payload}, answer, stream, error))
    return calls


def _steps(callback: Any, call: Call) -> list[Callable[[], object]]:
    times = {"response_obj": None, "start_time": call.details["start_time"], "end_time": call.details["start_time"]}
    early = {key: value for key, value in call.details.items() if key != "standard_logging_object"}

    def finish() -> None:
        hook = callback.async_log_failure_event if call.error else callback.async_log_success_event
        _run(hook(kwargs=call.details, **times))

    steps: list[Callable[[], object]] = []
    if not call.details["standard_logging_object"].get("cache_hit"):
        steps.append(lambda: callback.log_pre_api_call(model="m", messages=MESSAGES, kwargs=early))
    if call.answer:
        answered = early | {"original_response": call.answer, "log_event_type": "post_api_call"}
        steps.append(lambda: callback.log_post_api_call(kwargs=answered, **times))
    if call.stream:
        built, logging = call.stream, _Logging(early)
        steps.append(lambda: _streams.stream_chunk_builder(built, chunks=[built], logging_obj=logging))
    if call.error:
        data = {"litellm_logging_obj": _Logging(early), "model": "m"}
        error = call.error
        steps.append(lambda: _run(callback.async_post_call_failure_deployment_hook(data, error, None)))
    return [*steps, finish]


class _Logging:
    def __init__(self, details: dict[str, Any]) -> None:
        self.model_call_details = details


def _run(coroutine: Any) -> None:
    """Drive a hook that never really waits, without the cost of an event loop, which LiteLLM has running anyway."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("a hook waited for something")


def _measure(callback: Any, calls: list[Call], repeats: int) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {call.name: [] for call in calls}
    for round_number in range(repeats + repeats // 10):
        for call in calls:
            steps = _steps(callback, _at(call, round_number))
            spent = _time(steps) - _time([_nothing] * len(steps))
            if round_number >= repeats // 10:
                figures[call.name].append(spent)
    return figures


def _time(steps: list[Callable[[], object]]) -> float:
    before = time.thread_time_ns()
    for step in steps:
        step()
    return (time.thread_time_ns() - before) / 1000


def _nothing() -> None:
    """What the loop around the hooks takes by itself."""


def _at(call: Call, round_number: int) -> Call:
    """The call as an attempt of its own: what an attempt has told once is not told again."""
    started = call.details["api_call_start_time"] + timedelta(microseconds=round_number)
    return replace(call, details=call.details | {"api_call_start_time": started})


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def run(payloads: Path, repeats: int) -> int:
    """Print the table; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["SCALIX_HOME"] = home
        import scalix  # noqa: PLC0415  reads SCALIX_HOME when installed

        callback = scalix.install(strict=True).callback
        chat_streams(_streams, callback.recorder.stream_ended, callback.recorder.failed)
        calls = _calls(json.loads(payloads.read_text()))
        figures = _measure(callback, calls, repeats)
        lines = sum(path.read_bytes().count(b"\n") for path in Path(home, "spool").glob("*.seg"))
        expected = sum(len(_steps(callback, call)) for call in calls) * (repeats + repeats // 10)
        if not expected <= lines <= expected + 100:
            raise AssertionError(f"{expected} hooks ran, {lines} lines were written")
    print(f"compiled module: {'used' if COMPILED and callback.recorder.settings.native else 'not used'}")
    return _report(figures)


def _report(figures: dict[str, list[float]]) -> int:
    figures["all calls"] = [value for values in list(figures.values()) for value in values]
    print(f"{'recorded call':24} {'hooks, CPU µs p50':>18} {'p90':>8} {'p99':>8}")
    for name, values in figures.items():
        quantiles = [_quantile(values, share) for share in (0.5, 0.9, 0.99)]
        print(f"{name:24} {quantiles[0]:18.1f} {quantiles[1]:8.1f} {quantiles[2]:8.1f}")
    p50, p99 = (_quantile(figures["all calls"], share) for share in (0.5, 0.99))
    print(f"targets: p50 ≤ {TARGET_P50_US} µs, p99 ≤ {TARGET_P99_US} µs")
    return 0 if p50 <= TARGET_P50_US and p99 <= TARGET_P99_US else 1


def main() -> int:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    recorded = Path(__file__).parents[1] / "tests" / "data" / "litellm-payloads.json"
    parser.add_argument("--payloads", type=Path, default=recorded)
    parser.add_argument("--repeats", type=int, default=2000)
    arguments = parser.parse_args()
    asyncio.set_event_loop(None)
    return run(arguments.payloads, arguments.repeats)


if __name__ == "__main__":
    raise SystemExit(main())
