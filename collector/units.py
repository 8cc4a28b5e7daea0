"""What calls use beyond tokens: images, seconds of sound, characters read aloud, searches. As JSON, by meter.

Most calls are charged by tokens, and for their types nothing here is run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from .usage import encoded, fields_of
from .values import LARGEST_COUNT, count, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_S = 10_000_000
"""No recording is longer than four months."""
_SIZE = re.compile(r"^(\d{1,5})(?:-?x-?)(\d{1,5})$")
_QUALITY = re.compile(r"^[a-z0-9_-]{1,32}$")


class _Told(msgspec.Struct):
    """The fields looked for in an answer's JSON; images and results are counted, not read."""

    data: list[msgspec.Raw] = []
    results: msgspec.Raw = msgspec.Raw(b"")
    size: Any = None
    quality: Any = None
    usage: Any = None
    duration: Any = None
    meta: Any = None


_decode = msgspec.json.Decoder(_Told).decode


def used(details: Mapping[str, Any], answer: object) -> str | None:
    """What a call used of units, told from LiteLLM's call details and the answer; None for what is not told.

    ``answer`` is the response, or the provider's answer as JSON or as a mapping. Other text, such as an error, is none.
    """
    read = METERED.get(details.get("call_type"))
    if read is None or answer is None:
        return None
    fields = _fields(answer)
    found = None if fields is None else read(details, fields, answer)
    return encoded(found) if found else None


def _fields(answer: object) -> Mapping[str, Any] | None:
    if not isinstance(answer, str | bytes):
        return fields_of(answer)
    try:
        return msgspec.structs.asdict(_decode(answer))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _speech(details: Mapping[str, Any], _: Mapping[str, Any], answer: object) -> dict[str, Any]:
    spoken = details.get("input")
    heard = not isinstance(answer, str | bytes)
    return {"character": len(spoken)} if heard and type(spoken) is str and spoken else {}


def _transcription(_: Mapping[str, Any], fields: Mapping[str, Any], answer: object) -> dict[str, Any]:
    """The seconds that the provider bills, else the recording's length as the answer or LiteLLM tells it."""
    hidden = mapping(getattr(answer, "_hidden_params", None))
    told = (
        fields_of(fields.get("usage")).get("seconds"),
        hidden.get("audio_transcription_duration"),
        fields.get("duration"),
    )
    known = (seconds for given in told if (seconds := _seconds(given)))
    return {"second": seconds} if (seconds := next(known, None)) else {}


def _seconds(value: object) -> float | int | None:
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            return None
    if (type(value) is float or type(value) is int) and 0 < value <= LONGEST_S:
        return round(value, 6)
    return None


def _images(details: Mapping[str, Any], fields: Mapping[str, Any], _: object) -> dict[str, Any]:
    asked, images = mapping(details.get("optional_params")), fields.get("data")
    if type(images) is not list or not images:
        return {}
    found: dict[str, Any] = {"output_image": len(images)}
    size = _SIZE.match(text(fields.get("size") or asked.get("size")) or "1024x1024")
    if size:
        pixels = len(images) * int(size[1]) * int(size[2])
        found |= {"output_pixel": pixels, "size": f"{size[1]}-x-{size[2]}"}
    quality = text(fields.get("quality") or asked.get("quality")) or "standard"
    if _QUALITY.match(quality):
        found["quality"] = quality
    return found


def _ranking(_: Mapping[str, Any], fields: Mapping[str, Any], __: object) -> dict[str, Any]:
    billed = fields_of(fields_of(fields.get("meta")).get("billed_units"))
    searches = count(billed.get("search_units"))
    return {"query": searches} if searches else {}


def _search(details: Mapping[str, Any], fields: Mapping[str, Any], _: object) -> dict[str, Any]:
    if not fields.get("results"):
        return {}
    asked = mapping(details.get("optional_params")).get("query")
    return {"query": min(len(asked), LARGEST_COUNT) if type(asked) is list and asked else 1}


METERED: dict[str | None, Callable[[Mapping[str, Any], Mapping[str, Any], object], dict[str, Any]]] = {
    kind: read
    for name, read in {
        "speech": _speech,
        "transcription": _transcription,
        "image_generation": _images,
        "image_edit": _images,
        "rerank": _ranking,
        "search": _search,
    }.items()
    for kind in (name, f"a{name}")
}
