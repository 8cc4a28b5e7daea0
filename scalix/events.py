"""The records that travel on the spool, and how one becomes a line.

A line is ``VERSION CRC JSON`` and a newline: one digit, the CRC-32 of the JSON bytes in eight hex digits, the record.
Amounts of money are whole picodollars (10⁻¹² USD), moments whole microseconds since 1970 UTC, so nothing is rounded on
the way. A field that is absent is unknown, which is never the same as zero.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal
from zlib import crc32

import msgspec

LINE_VERSION = 1
PICODOLLARS = 1_000_000_000_000
MOST_USD_PER_MILLION = 100_000_000
"""Nothing that is charged for costs more than 100 dollars apiece."""
LATEST_US = 7_258_118_400_000_000

IMPORTED, BEST_EFFORT = "imported", "best_effort"
"""Flags of events that tell all there is of an attempt: out of an export file, or sent over HTTP by LiteLLM itself."""

AttemptKind = Literal["opened", "answered", "streamed", "failed", "success", "failure"]
ErrorKind = Literal[
    "rate_limit",
    "timeout",
    "auth",
    "permission",
    "not_found",
    "bad_request",
    "context_window",
    "content_policy",
    "server",
    "network",
    "cancelled",
    "client_disconnect",
    "rejected",
    "unknown",
]


class AttemptEvent(msgspec.Struct, omit_defaults=True):
    """What one hook knows about one attempt; the hub folds all events of an attempt into its row.

    ``kind`` says which hook spoke: ``opened`` (handed to the provider), ``answered`` (raw answer seen), ``streamed``
    (stream ended), ``failed`` (deployment hook, once per failed attempt), ``success`` and ``failure`` (LiteLLM's
    final events). ``call_id`` and ``started_us`` together identify the attempt: LiteLLM repeats a call id across
    retries and fallbacks.
    """

    kind: AttemptKind
    call_id: str
    started_us: int
    at_us: int
    """Wall clock when the hook ran."""
    mono_us: int | None = None
    """Monotonic clock when the hook ran; differences hold within one process, whatever the wall clock does."""
    flags: list[str] | None = None
    """What had to be repaired or guessed, e.g. ``no_payload`` or ``cost_not_finite``."""

    trace_id: str | None = None
    session_id: str | None = None
    provider: str | None = None
    model: str | None = None
    api_base: str | None = None
    call_type: str | None = None
    model_group: str | None = None
    original_model_group: str | None = None
    deployment_id: str | None = None
    streaming: bool | None = None
    retry: int | None = None
    fallback_depth: int | None = None
    tags: list[str] | None = None
    metadata: str | None = None
    """Allow-listed metadata of the caller, JSON."""
    user_id: str | None = None
    end_user: str | None = None
    team_id: str | None = None
    team_alias: str | None = None
    key_alias: str | None = None
    key_hash: str | None = None

    upstream: bool | None = None
    """True once the call was handed to a provider; a cache hit or our own refusal never is."""
    input_tokens_high: int | None = None
    """The most input tokens the prompt can hold; kept for attempts whose usage never arrives."""
    output_tokens_high: int | None = None
    """The most output tokens the request allows."""
    prompt: str | None = None
    """The messages, JSON; only when recording content is switched on."""

    response_id: str | None = None
    served_model: str | None = None
    first_token_us: int | None = None
    ended_us: int | None = None
    answer: str | None = None
    """The response, JSON; only when recording content is switched on."""

    error_kind: ErrorKind | None = None
    error_class: str | None = None
    error_code: str | None = None
    error_message: str | None = None

    input_tokens: int | None = None
    """Uncached text input; the token classes are disjoint and add up to what was billed."""
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    audio_input_tokens: int | None = None
    image_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_output_tokens: int | None = None
    tokens_source: Literal["reported", "estimated"] | None = None
    usage: str | None = None
    """The usage object as the provider gave it, JSON."""
    units: str | None = None
    """What was used beyond tokens, JSON by meter: images with their size and quality, seconds, characters, queries."""

    litellm_cost_pusd: int | None = None
    cost_breakdown: str | None = None
    provider_cost_pusd: int | None = None
    cache_hit: bool | None = None
    saved_pusd: int | None = None


class FallbackEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="fallback"):
    """LiteLLM moved a request from one model group to another, successfully or not."""

    at_us: int
    trace_id: str | None = None
    call_id: str | None = None
    original_model_group: str | None = None
    model_group: str | None = None
    fallback_depth: int | None = None
    succeeded: bool = False
    error_kind: ErrorKind | None = None
    error_class: str | None = None


class CooldownEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="cooldown"):
    """LiteLLM's Router set a deployment aside for a while, from ``at_us`` on."""

    at_us: int
    until_us: int
    deployment_id: str
    error_kind: ErrorKind | None = None
    error_class: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a moment that cannot be."""
        if not 0 <= self.at_us <= self.until_us <= LATEST_US:
            raise ValueError("a moment outside 1970 to 2199, or an end before its beginning")


class ProcessEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="process"):
    """First line of every segment: who writes it. ``process_id`` is unique per process life, unlike a pid."""

    at_us: int
    process_id: str
    host: str
    pid: int
    boot_id: str
    collector_version: str
    python_version: str
    litellm_version: str | None = None


class LossEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="loss"):
    """Running totals of a process: what it had to drop, and errors its guard caught. The largest totals win."""

    at_us: int
    process_id: str
    dropped: int = 0
    guarded_errors: int = 0
    last_error: str | None = None


class PriceEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="price"):
    """Somebody set a price, or withdrew one by leaving ``amount`` out; `analytics.pricing` explains the fields."""

    at_us: int
    """Since when it is known."""
    provider: str
    model: str
    meter: str
    amount: Decimal | None = None
    """USD per million units, or a factor when the meter is ``factor``."""
    above_tokens: int = 0
    service_tier: str = "standard"
    region: str = "*"
    valid_from_us: int
    valid_to_us: int | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for an amount that cannot be a price, or a moment that cannot be."""
        if self.amount is not None and not (self.amount.is_finite() and 0 <= self.amount <= MOST_USD_PER_MILLION):
            raise ValueError(f"{self.amount} is not between 0 and {MOST_USD_PER_MILLION} USD per million")
        if not all(0 <= moment <= LATEST_US for moment in (self.at_us, self.valid_from_us, self.valid_to_us or 0)):
            raise ValueError("a moment outside 1970 to 2199")


class RepriceEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="reprice"):
    """Somebody asked for recorded attempts to be priced anew; the hub does it and writes down what it changed."""

    at_us: int
    since_us: int
    """Attempts that started from here on, and before ``until_us``."""
    until_us: int
    known_at_us: int
    """By the prices as they were known then."""
    reason: str

    def __post_init__(self) -> None:
        """Raises ValueError for a moment that cannot be."""
        if not all(0 <= moment <= LATEST_US for moment in (self.at_us, self.since_us, self.until_us, self.known_at_us)):
            raise ValueError("a moment outside 1970 to 2199")


class BudgetEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="budget"):
    """Somebody added or changed a budget, or removed it by leaving ``definition`` (JSON) out."""

    at_us: int
    name: str
    definition: str | None = None
    changed_by: str | None = None
    reason: str | None = None


class ObjectiveEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="objective"):
    """Somebody added or changed an objective, or removed it by leaving ``definition`` (JSON) out."""

    at_us: int
    name: str
    definition: str | None = None
    changed_by: str | None = None
    reason: str | None = None


class DecisionEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="decision"):
    """Routing chose a deployment. ``decision`` (JSON) holds all that the choice follows from."""

    at_us: int
    trace_id: str | None = None
    model_group: str | None = None
    mode: str
    acted: bool
    snapshot_id: str | None = None
    deployment_id: str
    probability: float
    reason: str
    decision: str


class RejectEvent(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="kind", tag="reject"):
    """A foreign record that could not become an event, for the quarantine."""

    at_us: int
    source: str
    """Which file or endpoint it came from."""
    position: int
    """The record's number in there, from 1."""
    reason: str
    record: str
    """What it held, as JSON, without prompts, answers and secrets."""


RareEvent = (
    FallbackEvent
    | CooldownEvent
    | ProcessEvent
    | LossEvent
    | PriceEvent
    | RepriceEvent
    | BudgetEvent
    | ObjectiveEvent
    | DecisionEvent
    | RejectEvent
)
"""What is not about one attempt."""
Event = AttemptEvent | RareEvent

_encoder = msgspec.json.Encoder()


def to_line(event: Event) -> bytes:
    """The event as one spool line, newline included."""
    payload = _encoder.encode(event)
    return b"1 %08x %b\n" % (crc32(payload), payload)


def payload_of(line: bytes) -> bytes:
    """The JSON of one line. Raises ValueError with the reason when version, length or checksum is wrong."""
    if line[:2] != b"1 ":
        raise ValueError("unknown version" if line[:1].isdigit() and line[1:2] == b" " else "no version")
    payload = line[11:].rstrip(b"\n")
    try:
        expected = int(line[2:10], 16)
    except ValueError:
        raise ValueError("no checksum") from None
    if crc32(payload) != expected:
        raise ValueError("checksum differs")
    return payload
