"""Raw answers of providers, of which only id, model and usage are read."""

from __future__ import annotations

from typing import Any

import msgspec

from .scrub import MARK
from .usage import USAGE_LIMIT, fields_of, of_json
from .values import text

CONTENT_LIMIT = 256 * 1024


class Answer(msgspec.Struct):
    """What is taken from an answer; ``usage`` in any form that `usage.record` takes."""

    id: Any = None
    model: Any = None
    usage: Any = None
    usage_text: str | None = None


class _Raw(msgspec.Struct):
    """The fields looked for in an answer's JSON, in the spelling of any provider; the rest is skipped unread."""

    id: Any = None
    model: Any = None
    usage: msgspec.Raw = msgspec.Raw(b"")
    response_id: Any = msgspec.field(default=None, name="responseId")
    model_version: Any = msgspec.field(default=None, name="modelVersion")
    usage_metadata: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="usageMetadata")
    error: Any = None


decode = msgspec.json.Decoder(_Raw).decode
_encode = msgspec.json.Encoder(enc_hook=lambda value: fields_of(value) or str(type(value))).encode


def read(original: object) -> Answer | None:
    """The answer in a response body, a mapping or a response object; None for streams, errors and plain text."""
    kind = type(original)
    if kind is str or kind is bytes:
        return _from_json(original)  # type: ignore[arg-type]  # one of the two, as just checked
    fields = fields_of(original)
    if "usage" not in fields and "id" not in fields and "data" not in fields:
        return None
    return Answer(fields.get("id"), fields.get("model"), fields.get("usage"))


def _from_json(body: str | bytes) -> Answer | None:
    try:
        raw = decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    given = raw.usage or raw.usage_metadata
    if not given:
        return None if raw.error is not None else Answer(raw.id or raw.response_id, raw.model or raw.model_version)
    json = bytes(given)
    told = json.decode() if len(json) <= USAGE_LIMIT else None
    return Answer(raw.id or raw.response_id, raw.model or raw.model_version, of_json(json), told)


def as_json(content: object) -> str | None:
    """Content as bounded JSON text, for when recording it is switched on."""
    if content is None:
        return None
    try:
        return bounded(_encode(content).decode("utf-8", "replace"))
    except (TypeError, ValueError, RecursionError):
        return None


def bounded(content: str) -> str | None:
    """Content cut to what a line may carry, without characters that no database takes."""
    cut = content if len(content) <= CONTENT_LIMIT else content[:CONTENT_LIMIT] + MARK
    return text(cut, CONTENT_LIMIT + 1)
