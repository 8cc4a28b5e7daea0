"""Sends new attempts to an OTLP receiver over HTTP, from where it stopped, until the receiver has taken them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import httpx
import msgspec

from analytics.exports.otlp import metrics_request, trace_request
from analytics.state_files import replace_file
from scalix.errors import DeliveryError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from pathlib import Path

    from google.protobuf.message import Message

    from scalix.folder import Folder
    from scalix.settings import Settings
    from scalix.store.ledger import Ledger

AT_ONCE = 2000
TIMEOUT_S = 10.0
_TAKEN = 200
_HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}


class Sent(msgspec.Struct, frozen=True):
    """Up to which ingest sequence attempts have been taken, and when that was."""

    seq: int
    at_us: int


def send_new(ledger: Ledger, folder: Folder, settings: Settings, *, now_us: int) -> int:
    """Send what is new as spans and metrics; returns how many attempts. Nothing without an endpoint.

    The first time it begins with what comes from now on. An answer that is lost on the way makes a batch be sent
    again: spans are the same ones then, metrics count twice. Raises DeliveryError when the receiver does not take it.
    """
    if settings.otlp_endpoint is None:
        return 0
    state = folder.root / "otlp.json"
    sent = _read(state) or _newest(ledger, now_us)
    rows = ledger.read(sqlfiles.text("exports/new_attempts"), {"seq": sent.seq, "most": AT_ONCE}).to_dicts()
    if rows:
        with httpx.Client(timeout=TIMEOUT_S, headers={**_HEADERS, **_given(settings)}, trust_env=False) as client:
            base = settings.otlp_endpoint.rstrip("/")
            _post(client, f"{base}/v1/traces", trace_request(rows))
            _post(client, f"{base}/v1/metrics", metrics_request(rows, sent.at_us * 1000, now_us * 1000))
    reached = Sent(max((row["seq"] for row in rows), default=sent.seq), now_us)
    replace_file(state, msgspec.json.encode(reached))
    return len(rows)


def _given(settings: Settings) -> dict[str, str]:
    """Headers as OTEL_EXPORTER_OTLP_HEADERS has them: ``name=value,name=value``."""
    text = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _post(client: httpx.Client, url: str, message: Message) -> None:
    try:
        answer = client.post(url, content=gzip.compress(message.SerializeToString()))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryError(f"the OTLP receiver {url} does not answer: {error}; see otlp_endpoint") from error
    if answer.status_code != _TAKEN:
        raise DeliveryError(f"the OTLP receiver {url} answers {answer.status_code}: {answer.text[:200]}")


def _newest(ledger: Ledger, now_us: int) -> Sent:
    return Sent(int(ledger.read("SELECT coalesce(max(seq), 0) FROM attempts").item()), now_us)


def _read(path: Path) -> Sent | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sent)
    except (OSError, msgspec.MsgspecError):
        return None
