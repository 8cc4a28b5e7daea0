"""The endpoints for LiteLLM's generic_api and for OTLP: what arrives whole, what is refused, and what a bomb does."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode
from starlette.applications import Starlette

from analytics.imports.depositing import Depositor
from analytics.imports.helicone import of_request
from analytics.imports.langfuse import of_observation
from analytics.imports.litellm_records import of_payload, of_spend_log
from analytics.imports.otlp_json import events_of_file_record
from analytics.imports.routes import PROTOBUF, IngestApi
from analytics.imports.values import BadRecordError
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import now_us
from tests.spool_files import rows, take_in

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = {"authorization": "Bearer t"}
MOST = 4 * 2**20
PAYLOADS = json.loads(Path("tests/data/litellm-payloads.json").read_text())
LITELLM = "/v1/ingest/litellm"


class Endpoints:
    """The routes over a spool, asked in this process."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.depositor = Depositor(folder.spool)
        api = IngestApi(lambda request: request.headers.get("authorization") == "Bearer t", MOST, self.depositor)
        self._app = Starlette(routes=api.routes())

    def post(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
                return await client.post(path, content=body, headers={**TOKEN, **named})

        return asyncio.run(ask())


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[Endpoints]:
    found = Endpoints(Folder(tmp_path / "home"))
    yield found
    found.depositor.close()


def attempts(endpoints: Endpoints) -> list[dict[str, Any]]:
    with closing(Ledger.open(endpoints.folder)) as ledger:
        take_in(ledger, now_us=now_us())
        return ledger.read("SELECT * FROM attempts ORDER BY started_at, call_id").to_dicts()


def quarantined(endpoints: Endpoints) -> list[tuple[Any, ...]]:
    with closing(Ledger.open(endpoints.folder)) as ledger:
        take_in(ledger, now_us=now_us())
        return rows(ledger, "reason", table="quarantine")


def payload(**fields: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "litellm_call_id": "c-1",
        "trace_id": "t-1",
        "status": "success",
        "startTime": now_us() / 1e6 - 2,
        "endTime": now_us() / 1e6 - 1,
        "custom_llm_provider": "openai",
        "model": "gpt-4o",
        "response_cost": 0.01,
        "metadata": {"usage_object": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
        **fields,
    }


@pytest.mark.parametrize("form", ["array", "lines", "single", "gzip"])
def test_each_form_of_the_callback_arrives(endpoints: Endpoints, form: str) -> None:
    batch = [payload(litellm_call_id=f"c-{number}") for number in range(1 if form == "single" else 5)]
    body = json.dumps(batch).encode()
    if form == "lines":
        body = "\n".join(map(json.dumps, batch)).encode()
    elif form == "single":
        body = json.dumps(batch[0]).encode()
    headers = {"content_encoding": "gzip"} if form == "gzip" else {}
    answer = endpoints.post(LITELLM, gzip.compress(body) if form == "gzip" else body, **headers)
    assert answer.json() == {"accepted": len(batch), "rejected": 0, "reason": ""}
    found = attempts(endpoints)
    assert len(found) == len(batch)
    assert list(found[0]["flags"]) == ["best_effort"]
    assert (found[0]["input_tokens"], found[0]["litellm_cost_usd"]) == (10, Decimal("0.01"))


def test_a_batch_sent_twice_is_there_once(endpoints: Endpoints) -> None:
    body = json.dumps([payload()]).encode()
    for _ in range(3):
        assert endpoints.post(LITELLM, body).status_code == 200
    assert len(attempts(endpoints)) == 1


def test_not_a_number_and_half_a_character_take_no_other_along(endpoints: Endpoints) -> None:
    batch = json.dumps(
        [payload(response_cost=float("nan"), model="bad \ud800 model"), payload(litellm_call_id="c-2")]
    ).encode()
    assert endpoints.post(LITELLM, batch).json()["accepted"] == 2
    first, second = sorted(attempts(endpoints), key=lambda one: str(one["call_id_text"]))
    assert (first["litellm_cost_usd"], "cost_not_an_amount" in first["flags"]) == (None, True)
    assert second["litellm_cost_usd"] == Decimal("0.01")


def test_what_the_sender_says_the_provider_charged_is_not_believed(endpoints: Endpoints) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 999.0}
    endpoints.post(LITELLM, json.dumps([payload(metadata={"usage_object": usage})]).encode())
    (found,) = attempts(endpoints)
    assert found["provider_cost_usd"] is None


def test_bad_records_are_set_aside_and_the_others_taken(endpoints: Endpoints) -> None:
    batch = [payload(), 7, payload(startTime=0.0), payload(startTime=4e9), payload(litellm_call_id=None, id=None)]
    answer = endpoints.post(LITELLM, json.dumps(batch).encode()).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 4)
    assert len(quarantined(endpoints)) == 4


@pytest.mark.parametrize(("batch", "status"), [([7, 8], 422), ([payload(), 7], 200), ([], 200)])
def test_only_a_batch_of_which_nothing_was_taken_is_refused(
    endpoints: Endpoints, batch: list[Any], status: int
) -> None:
    answer = endpoints.post(LITELLM, json.dumps(batch).encode())
    assert (answer.status_code, len(quarantined(endpoints))) == (status, answer.json()["rejected"])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * (MOST + 1), {}, 413),
        (gzip.compress(b"[" + b"0," * MOST + b"0]"), {"content_encoding": "gzip"}, 413),
        (gzip.compress(gzip.compress(b"[]")), {"content_encoding": "gzip"}, 400),
        (b"[]", {"content_encoding": "gzip"}, 400),
        (gzip.compress(b"[]")[:-4], {"content_encoding": "gzip"}, 400),
        (b"[]", {"content_encoding": "br"}, 415),
        (b"[" * 100_000, {}, 400),
        (b'{"a":' * 100_000, {}, 400),
        (b"[" + b"1" * 5000 + b"]", {}, 400),
        (b"[" + b"1," * 30_000 + b"1]", {}, 413),
        ("[]".encode("utf-16"), {}, 400),
        (b"\xef\xbb\xbf[]", {}, 200),
        (b"", {}, 400),
        (b"nonsense\nmore of it", {}, 400),
        (b"null", {}, 422),
    ],
    # The compressed bodies hold the time, so names made of them would differ between workers.
    ids=[
        "too long",
        "bomb",
        "twice compressed",
        "said to be compressed",
        "cut short",
        "unknown compression",
        "deep list",
        "deep object",
        "long number",
        "too many records",
        "another encoding",
        "byte order mark",
        "empty",
        "not JSON",
        "null",
    ],
)
def test_bombs_and_nonsense_are_refused(
    endpoints: Endpoints, body: bytes, headers: dict[str, str], status: int
) -> None:
    for path in (LITELLM, "/v1/traces"):
        expected = 400 if status in {200, 422} and path == "/v1/traces" else status
        if path == "/v1/traces" and body.startswith(b"[" + b"1,"):
            expected = 400
        assert endpoints.post(path, body, **headers).status_code == expected
    assert attempts(endpoints) == []


def test_a_gzip_bomb_takes_no_memory(endpoints: Endpoints) -> None:
    bomb = gzip.compress(b"\0" * 64 * 2**20, 9)
    tracemalloc.start()
    assert endpoints.post(LITELLM, bomb, content_encoding="gzip").status_code == 413
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MOST


def test_without_the_token_nothing_is_read(endpoints: Endpoints) -> None:
    for path in (LITELLM, "/v1/traces"):
        assert endpoints.post(path, b"[]", authorization="Bearer wrong").status_code == 401
    assert not endpoints.folder.spool.exists()


def test_a_spool_that_cannot_be_written_asks_to_try_again(endpoints: Endpoints) -> None:
    endpoints.folder.root.mkdir(parents=True)
    endpoints.folder.spool.write_text("no folder")
    assert endpoints.post(LITELLM, json.dumps([payload()]).encode()).status_code == 503


def spans() -> bytes:
    """Spans made by OpenTelemetry's own SDK, in its own encoding."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("app")
    with tracer.start_as_current_span("invoke_agent") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100})
        with tracer.start_as_current_span("chat gpt-4o") as span:
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "azure.ai.openai",
                    "gen_ai.request.model": "gpt-4o",
                    "gen_ai.response.model": "gpt-4o-2024-08-06",
                    "gen_ai.usage.input_tokens": 100,
                    "gen_ai.usage.cache_read.input_tokens": 40,
                    "gen_ai.usage.output_tokens": 20,
                    "gen_ai.usage.reasoning.output_tokens": 5,
                    "gen_ai.conversation.id": "s-1",
                }
            )
        with tracer.start_as_current_span("chat claude") as span:
            span.set_attributes(
                {"gen_ai.system": "anthropic", "gen_ai.request.model": "claude", "gen_ai.usage.prompt_tokens": 7}
            )
            span.set_attribute("error.type", "429")
            span.set_status(Status(StatusCode.ERROR, "slow down, key sk-abcdefghijklmnop"))
    encoded: bytes = encode_spans(kept.get_finished_spans()).SerializeToString()
    return encoded


def test_spans_of_the_sdk_become_attempts(endpoints: Endpoints) -> None:
    answer = endpoints.post("/v1/traces", gzip.compress(spans()), content_type=PROTOBUF, content_encoding="gzip")
    assert answer.status_code == 200
    assert not ExportTraceServiceResponse.FromString(answer.content).HasField("partial_success")
    chat, failed = sorted(attempts(endpoints), key=lambda one: str(one["status"]), reverse=True)
    assert (chat["provider"], chat["model"], chat["served_model"]) == ("azure", "gpt-4o", "gpt-4o-2024-08-06")
    assert (chat["input_tokens"], chat["cache_read_tokens"], chat["output_tokens"], chat["reasoning_tokens"]) == (
        60, 40, 15, 5,
    )  # fmt: skip
    assert (chat["session_id"], json.loads(chat["metadata"])) == ("s-1", {"service.name": "shop"})
    assert (failed["status"], failed["error_kind"], failed["error_code"]) == ("failure", "rate_limit", "429")
    assert failed["error_message"] == "slow down, key [hidden]"
    assert chat["trace_id"] == failed["trace_id"]


def test_spans_in_json_become_the_same(endpoints: Endpoints) -> None:
    started = now_us() * 1000 - 10**9
    good = {
        "traceId": "0123456789abcdef0123456789abcdef",
        "spanId": "0123456789abcdef",
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + 5 * 10**8),
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}},
        ],
    }
    bad = {**good, "spanId": "1", "endTimeUnixNano": "5"}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [good, bad]}]}]}).encode()
    answer = endpoints.post("/v1/traces", body, content_type="application/json")
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    (found,) = attempts(endpoints)
    assert (found["input_tokens"], found["latency_us"]) == (12, 500_000)
    assert str(found["trace_id"]) == "01234567-89ab-cdef-0123-456789abcdef"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = [
    "id", "request_id", "litellm_call_id", "startTime", "endTime", "completionStartTime", "status", "model", "metadata",
    "usage_object", "prompt_tokens", "total_tokens", "cache_hit", "request_tags", "response", "error_information",
    "hidden_params", "custom_llm_provider", "spend", "response_cost", "usageDetails", "costDetails", "tags", "type",
    "request_created_at", "response_status", "delay_ms", "properties", "resourceSpans", "scopeSpans", "spans",
    "attributes", "key", "value", "traceId", "level", "stream", "model_parameters", "api_base", "user",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=14), likely=st.booleans())
def test_whatever_a_record_holds_it_is_an_event_or_a_reason(record: dict[str, Any], likely: bool) -> None:
    if likely:
        moment = "2026-01-01T00:00:00Z"
        record |= {"id": "1", "request_id": "1", "startTime": moment, "request_created_at": moment, "endTime": moment}
        record |= {"response_status": 200} if record.get("response_status") is None else {}
    for make in (of_payload, of_spend_log, of_observation, of_request, events_of_file_record):
        try:
            make(record, latest_us=now_us())
        except (BadRecordError, ValueError, OverflowError, RecursionError):
            continue
