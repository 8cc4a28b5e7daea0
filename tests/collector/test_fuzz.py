"""Whatever a hook is given: no exception, and each call is a line or a counted error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from collector.guard import guard
from collector.identity import MOST_REMEMBERED
from collector.recorder import Recorder
from collector.settings import Settings
from tests.collector.conftest import events
from tests.soak import at_length

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "litellm-payloads.json").read_text())
PAYLOADS = [payload for payload in RECORDED.values() if isinstance(payload, dict)]
pytestmark = pytest.mark.xdist_group("fuzz")
EXAMPLES = at_length(400, 34_000)
DETAILS = [
    "litellm_call_id", "litellm_trace_id", "api_call_start_time", "start_time", "model", "custom_llm_provider",
    "stream", "call_type", "user", "messages", "input", "optional_params", "litellm_params", "standard_logging_object",
    "original_response", "exception", "response_cost", "cache_hit", "completion_start_time", "log_event_type",
    "api_key",
]  # fmt: skip
NESTED = [
    "metadata", "litellm_metadata", "model_info", "api_base", "tags", "id", "attempted_retries", "model_group", "usage",
    "user_api_key_hash", "usage_object", "prompt_tokens", "completion_tokens", "prompt_tokens_details", "cached_tokens",
    "reasoning_tokens", "response_cost", "cost_breakdown", "error_information", "error_class", "error_code", "cost",
    "hidden_params", "additional_headers", "max_tokens", "n", "tools", "content", "role", "type", "scalix_user",
]  # fmt: skip


class Broken:
    """Raises whatever is done with it."""

    @override
    @override
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    @override
    @override
    def __str__(self) -> str:
        raise RecursionError

    @override
    @override
    def __eq__(self, other: object) -> bool:
        raise ValueError(other)

    @override
    @override
    def __hash__(self) -> int:
        return 7

    def __bool__(self) -> bool:
        raise TypeError


class BrokenError(Exception):
    """An error that cannot be put into words."""

    @property
    def status_code(self) -> int:
        raise MemoryError

    @override
    @override
    def __str__(self) -> str:
        raise ValueError


class Odd(str):
    """A str that is not quite one."""

    __slots__ = ()


def endless() -> dict[str, Any]:
    loop: dict[str, Any] = {"role": "user"}
    loop["content"] = [loop]
    return loop


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2**62, 2**70), st.floats(), st.text(), st.binary(max_size=20),
    st.text(st.characters(codec="utf-8", exclude_categories=()) | st.sampled_from("\x00\ud800\u202e\n")),
    st.sampled_from(["sk-" + "a" * 40, "x" * 100_000, "\ud800", Odd("odd"), Decimal("1.0000000000000000001")]),
    st.sampled_from([datetime.min, datetime.max, datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 3, 29, 2, 30)]),  # noqa: DTZ001, DTZ901  LiteLLM hands over naive ones
    st.builds(Broken), st.builds(BrokenError), st.builds(endless), st.builds(object), st.just(ValueError("plain")),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(NESTED) | st.text(max_size=5), inner, max_size=6),
        st.dictionaries(st.integers() | st.none(), inner, max_size=2),
    ),
    max_leaves=12,
)
calls = st.dictionaries(st.sampled_from(DETAILS), values, max_size=len(DETAILS)) | values


class Logging:
    """What LiteLLM puts beside a deployment hook's request."""

    def __init__(self, details: object) -> None:
        self.model_call_details = details


@pytest.fixture(scope="module", params=["with content", "compiled", "not compiled"])
def recorder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    spool, how = tmp_path_factory.mktemp("fuzz"), request.param
    return Recorder(Settings(spool=spool, record_content=how == "with content", native=how != "not compiled"))


@pytest.mark.soak
@pytest.mark.timeout(max(180, EXAMPLES // 20))
@given(calls, values, st.sampled_from(PAYLOADS), st.booleans())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_is_a_line_or_a_counted_error(
    recorder: Recorder, details: Any, other: Any, payload: dict[str, Any], mixed: bool
) -> None:
    if mixed and type(details) is dict:
        details = {"standard_logging_object": {**payload, **(other if type(other) is dict else {})}, **details}
    # What an attempt has told once is not told again, and examples may repeat an attempt's identity.
    recorder.attempts.forget(MOST_REMEMBERED)
    before = _sizes(recorder)
    recorder.opened(details)
    recorder.final("success", details, other, other)
    recorder.final("failure", details, other, other)
    recorder.fallback(other, details, other, succeeded=False)
    written, caught, lost = (now - then for now, then in zip(_sizes(recorder), before, strict=True))
    assert lost == 0
    assert written + caught == 4
    recorder.answered(details, other)
    recorder.deployment_answered({"litellm_logging_obj": Logging(details)}, other)
    recorder.failed({"litellm_logging_obj": Logging(details)}, other, other)
    recorder.stream_ended(details, other, True)


def _sizes(recorder: Recorder) -> tuple[int, int, int]:
    return recorder.spool.lines, guard.errors, recorder.spool.dropped


def test_every_line_can_be_stored(recorder: Recorder) -> None:
    """Runs after the fuzzing above: what it left is valid text, whole numbers of 64 bits, and bounded."""
    found = events(recorder.settings.spool)
    assert len(found) > EXAMPLES
    for event in found:
        for name, value in event.items():
            if type(value) is int:
                assert -(2**63) <= value < 2**63, name
            if type(value) is str:
                assert "\x00" not in value, name
                value.encode()
                assert len(value) <= 300_000 if name in {"prompt", "answer"} else len(value) <= 4096
                assert "sk-" + "a" * 40 not in value or name not in {"error_message", "last_error"}
