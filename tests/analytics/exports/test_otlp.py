"""Attempts sent to a real OTLP receiver over HTTP: current names, exact counts, and nothing lost when it is away."""

from __future__ import annotations

import gzip
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr
from typing_extensions import override

from analytics.exports.otlp import DURATIONS_S, metrics_request
from analytics.exports.sending import send_new
from analytics.imports.otlp_proto import spans_of_protobuf
from analytics.imports.spans import of_span
from scalix.errors import DeliveryError
from scalix.settings import Settings
from scalix.times import to_us
from tests.analytics.exports.conftest import HOURS, START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.folder import Folder
    from scalix.store.ledger import Ledger

NOW_US = to_us(START) + 10**12


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers with ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[str, str | None, bytes]] = []
        self.status = 200

    @property
    def settings(self) -> Settings:
        endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        return Settings(otlp_endpoint=endpoint, otlp_headers=SecretStr("authorization=Bearer t, x-k=v"))

    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for path, _, body in self.taken if path == "/v1/traces"]
        return [span for one in requests for r in one.resource_spans for s in r.scope_spans for span in s.spans]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = gzip.decompress(self.rfile.read(int(self.headers["content-length"])))
        if self.server.status == 200:
            self.server.taken.append((self.path, self.headers.get("authorization"), body))
        self.send_response(self.server.status)
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def from_the_start(ledger: Ledger) -> None:
    """As if it had been set before the first attempt came in."""
    (ledger.folder.root / "otlp.json").write_text('{"seq": 0, "at_us": 1}')


def facts(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}


@pytest.mark.usefixtures("from_the_start")
def test_every_attempt_is_a_span_with_the_current_names(receiver: Receiver, ledger: Ledger, folder: Folder) -> None:
    assert send_new(ledger, folder, receiver.settings, now_us=NOW_US) == HOURS
    assert send_new(ledger, folder, receiver.settings, now_us=NOW_US) == 0
    spans = receiver.spans()
    assert len(spans) == len({span.span_id for span in spans}) == HOURS
    assert {len(span.trace_id) for span in spans} == {16}
    assert max(Counter(span.trace_id for span in spans).values()) == 2
    by_start = sorted(spans, key=lambda span: int(span.start_time_unix_nano))
    first, failed = facts(by_start[0]), facts(by_start[10])
    assert first == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.request.stream": True,
        "gen_ai.response.time_to_first_chunk": 0.3,
        "gen_ai.usage.input_tokens": 1333,
        "gen_ai.usage.output_tokens": 88,
        "gen_ai.usage.cache_read.input_tokens": 333,
        "gen_ai.usage.reasoning.output_tokens": 11,
        "x_scalix.cost_usd": "0.003796250000",
    }
    assert by_start[0].end_time_unix_nano - by_start[0].start_time_unix_nano == 1_500_000_000
    assert (failed["error.type"], by_start[10].status.code) == ("429", 2)
    assert {authorization for _, authorization, _ in receiver.taken} == {"Bearer t"}


@pytest.mark.usefixtures("from_the_start")
def test_metrics_are_the_attempts_of_a_stretch(receiver: Receiver, ledger: Ledger, folder: Folder) -> None:
    send_new(ledger, folder, receiver.settings, now_us=NOW_US)
    (body,) = [body for path, _, body in receiver.taken if path == "/v1/metrics"]
    (resource,) = ExportMetricsServiceRequest.FromString(body).resource_metrics
    metrics = {metric.name: metric for metric in resource.scope_metrics[0].metrics}
    assert [*metrics] == [
        "gen_ai.client.token.usage",
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
    ]
    durations = metrics["gen_ai.client.operation.duration"].histogram.data_points
    assert sum(point.count for point in durations) == HOURS
    assert all(sum(point.bucket_counts) == point.count for point in durations)
    assert all(tuple(point.explicit_bounds) == DURATIONS_S for point in durations)
    tokens = metrics["gen_ai.client.token.usage"].histogram.data_points
    of_input = sum(point.sum for point in tokens if facts(point)["gen_ai.token.type"] == "input")
    expected = ledger.read("SELECT sum(input_tokens) + sum(cache_read_tokens) FROM attempts").item()
    assert of_input == expected


@pytest.mark.usefixtures("from_the_start")
def test_what_a_receiver_did_not_take_is_sent_again(receiver: Receiver, ledger: Ledger, folder: Folder) -> None:
    receiver.status = 503
    for _ in range(2):
        with pytest.raises(DeliveryError, match="answers 503"):
            send_new(ledger, folder, receiver.settings, now_us=NOW_US)
    receiver.status = 200
    assert send_new(ledger, folder, receiver.settings, now_us=NOW_US) == HOURS
    assert len(receiver.spans()) == HOURS


def test_the_first_time_it_begins_with_what_comes(receiver: Receiver, ledger: Ledger, folder: Folder) -> None:
    (folder.root / "otlp.json").unlink(missing_ok=True)
    assert send_new(ledger, folder, receiver.settings, now_us=NOW_US) == 0
    assert receiver.taken == []


def test_without_an_endpoint_nothing_is_written(ledger: Ledger, folder: Folder) -> None:
    (folder.root / "otlp.json").unlink(missing_ok=True)
    assert send_new(ledger, folder, Settings(), now_us=NOW_US) == 0
    assert not (folder.root / "otlp.json").exists()


@pytest.mark.usefixtures("from_the_start")
def test_our_own_spans_can_be_taken_in_again(receiver: Receiver, ledger: Ledger, folder: Folder) -> None:
    send_new(ledger, folder, receiver.settings, now_us=NOW_US)
    bodies = [body for path, _, body in receiver.taken if path == "/v1/traces"]
    events = [of_span(span, latest_us=2**62) for body in bodies for span in spans_of_protobuf(body)]
    tokens = sum(event.input_tokens or 0 for event in events if event is not None)
    assert tokens == ledger.read("SELECT sum(input_tokens) FROM attempts").item()


def test_nothing_is_a_request_without_points() -> None:
    request = metrics_request([], 0, 1)
    assert [len(metric.histogram.data_points) for metric in request.resource_metrics[0].scope_metrics[0].metrics] == [
        0, 0, 0,
    ]  # fmt: skip
