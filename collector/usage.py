"""Usage objects of any provider as disjoint token classes that add up to what was billed.

OpenAI's and Gemini's counts include cached, audio and image tokens and LiteLLM's normalised ones follow OpenAI;
Anthropic's and Bedrock's input excludes the cache. Which is which can be told from the names used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from .values import LARGEST_COUNT, NOTHING, count

if TYPE_CHECKING:
    from scalix.events import AttemptEvent

USAGE_LIMIT = 4096
_DETAILS = ("prompt_tokens_details", "completion_tokens_details")
Source = Literal["reported", "estimated"]
_Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_COUNT)]
_None = Literal[0] | None
encode = msgspec.json.Encoder(enc_hook=lambda value: fields_of(value)).encode  # noqa: PLW0108  defined further down


class Tokens(msgspec.Struct, gc=False):
    """Token counts by class; None is unknown."""

    input: int | None = None
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    audio_in: int = 0
    image_in: int = 0
    output: int | None = None
    reasoning: int = 0
    audio_out: int = 0
    image_out: int = 0
    consistent: bool = True

    @property
    def rare(self) -> int:
        """More than zero when a class beyond plain, cached and reasoning tokens was used."""
        return self.write_5m + self.write_1h + self.audio_in + self.image_in + self.audio_out + self.image_out


class _In(msgspec.Struct, frozen=True, gc=False):
    cached_tokens: _Count | None = None
    audio_tokens: _None = None
    image_tokens: _None = None
    cache_creation_tokens: _None = None
    cache_creation_token_details: None = None


class _Out(msgspec.Struct, frozen=True, gc=False):
    reasoning_tokens: _Count | None = None
    audio_tokens: _None = None
    image_tokens: _None = None


class Plain(msgspec.Struct, frozen=True, gc=False):
    """What nearly every chat call reports: text, some of it cached, some of it reasoning.

    Usage of any other kind fails to convert and goes the long way, `read`; where both work they agree.
    """

    prompt_tokens: _Count
    completion_tokens: _Count
    total_tokens: _Count
    prompt_tokens_details: _In | None = None
    completion_tokens_details: _Out | None = None
    cost: Any = None
    cache_creation_input_tokens: _None = None
    cache_read_input_tokens: _None = None
    prompt_cache_hit_tokens: _None = None

    def tokens(self) -> tuple[int, int, int, int] | None:
        """Plain input, cached input, plain output, reasoning; None when they do not add up or nothing was used."""
        given, produced = self.prompt_tokens, self.completion_tokens
        ins, outs = self.prompt_tokens_details, self.completion_tokens_details
        cached = (ins.cached_tokens or 0) if ins else 0
        reasoning = (outs.reasoning_tokens or 0) if outs else 0
        total = given + produced
        if cached > given or reasoning > produced or total != self.total_tokens or not total:
            return None
        return given - cached, cached, produced - reasoning, reasoning


decode_plain = msgspec.json.Decoder(Plain).decode
_decode_any = msgspec.json.Decoder().decode


def fields_of(value: object) -> Mapping[str, Any]:
    """The fields of a mapping or of an object, a pydantic model's extras included; empty for anything else."""
    if type(value) is dict or isinstance(value, Mapping):
        return value
    try:
        fields = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return NOTHING
    if type(fields) is not dict:
        return NOTHING
    try:
        extra = object.__getattribute__(value, "__pydantic_extra__")
    except AttributeError:
        return fields
    return {**fields, **extra} if type(extra) is dict and extra else fields


def unfolded(usage: object) -> object:
    """A usage object of LiteLLM's, whose details are objects too, as dictionaries; None when there is none."""
    if usage is None or type(usage) is dict:
        return usage
    fields = dict(fields_of(usage))
    for name in _DETAILS:
        inner = fields.get(name)
        if inner is not None and type(inner) is not dict:
            fields[name] = fields_of(inner)
    return fields


def of_json(json: bytes) -> object:
    """A usage object's JSON as what `record` takes. Raises msgspec.DecodeError for what is no JSON."""
    if b'"prompt_tokens"' in json:
        try:
            return decode_plain(json)
        except msgspec.ValidationError:
            pass
    return _decode_any(json)


def cost_in(usage: object) -> Any:
    """The cost that a provider put into its usage object; None when it says nothing of it."""
    return usage.cost if type(usage) is Plain else fields_of(usage).get("cost")


def record(event: AttemptEvent, usage: object, source: Source, given: str | None = None) -> bool:
    """Write a usage object's counts into the event, and the object itself as ``given`` or encoded anew.

    ``usage`` is a mapping, an object or what `of_json` makes; the last is not the whole object, so never encoded.
    False, and nothing written, when it holds no counts.
    """
    found = usage if type(usage) is Plain else plain(usage)
    tokens = found.tokens() if found else None
    if tokens is None:
        fields = msgspec.to_builtins(usage) if type(usage) is Plain else fields_of(usage)
        return _record_any(event, fields, source, given)
    event.input_tokens, cached, event.output_tokens, reasoning = tokens
    if cached:
        event.cache_read_tokens = cached
    if reasoning:
        event.reasoning_tokens = reasoning
    event.tokens_source = source
    event.usage = given if type(usage) is Plain else given or as_json(fields_of(usage))
    return True


def plain(usage: object) -> Plain | None:
    """A mapping's counts when they are of the plain kind, else None."""
    if type(usage) is not dict or "prompt_tokens" not in usage:
        return None
    try:
        return msgspec.convert(usage, Plain)
    except msgspec.ValidationError:
        return None


def _record_any(event: AttemptEvent, fields: Mapping[str, Any], source: Source, given: str | None) -> bool:
    tokens = read(fields)
    if tokens is None:
        return False
    event.input_tokens = tokens.input
    event.output_tokens = tokens.output
    event.cache_read_tokens = tokens.read or None
    event.cache_write_5m_tokens = tokens.write_5m or None
    event.cache_write_1h_tokens = tokens.write_1h or None
    event.audio_input_tokens = tokens.audio_in or None
    event.image_input_tokens = tokens.image_in or None
    event.reasoning_tokens = tokens.reasoning or None
    event.audio_output_tokens = tokens.audio_out or None
    event.image_output_tokens = tokens.image_out or None
    event.tokens_source = source
    event.usage = given or as_json(fields)
    if not tokens.consistent:
        event.flags = [*(event.flags or ()), "tokens_inconsistent"]
    return True


def as_json(fields: Mapping[str, Any]) -> str | None:
    """A usage object as JSON, without the fields that are null; None when it cannot be encoded or is too long."""
    return encoded({name: value for name, value in fields.items() if value is not None})


def encoded(fields: Mapping[str, Any]) -> str | None:
    """Counts or amounts as JSON; None when that cannot be done or is too long."""
    try:
        json = encode(fields)
    except (TypeError, ValueError, RecursionError):
        return None
    return json.decode("utf-8", "replace") if len(json) <= USAGE_LIMIT else None


def read(usage: Mapping[str, Any]) -> Tokens | None:
    """Disjoint token counts of a usage object; None when it holds no counts or nothing but zeros."""
    get = usage.get
    if "prompt_tokens" in usage or "completion_tokens" in usage:
        tokens = _inclusive(
            usage,
            count(get("prompt_tokens")),
            count(get("completion_tokens")),
            fields_of(get("prompt_tokens_details")),
            fields_of(get("completion_tokens_details")),
        )
    elif "input_tokens" in usage or "output_tokens" in usage:
        tokens = _input_output(usage)
    elif "promptTokenCount" in usage or "totalTokenCount" in usage:
        tokens = _gemini(usage)
    elif "inputTokens" in usage:
        tokens = Tokens(
            input=count(get("inputTokens")),
            read=count(get("cacheReadInputTokens")) or 0,
            write_5m=count(get("cacheWriteInputTokens")) or 0,
            output=count(get("outputTokens")),
        )
    else:
        return None
    # LiteLLM writes zeros where nothing was reported; no call that was answered used nothing at all.
    return tokens if tokens.input or tokens.output or tokens.read or tokens.reasoning or tokens.rare else None


def _input_output(usage: Mapping[str, Any]) -> Tokens:
    get = usage.get
    given, produced = count(get("input_tokens")), count(get("output_tokens"))
    details = fields_of(get("input_tokens_details") or get("input_token_details"))
    if details or "output_tokens_details" in usage:
        return _inclusive(
            usage, given, produced, details, fields_of(get("output_tokens_details") or get("output_token_details"))
        )
    five, hour = _writes(usage, fields_of(get("cache_creation")))
    read_back = count(get("cache_read_input_tokens")) or 0
    return Tokens(input=given, read=read_back, write_5m=five, write_1h=hour, output=produced)


def _writes(usage: Mapping[str, Any], split: Mapping[str, Any]) -> tuple[int, int]:
    total = count(usage.get("cache_creation_input_tokens")) or 0
    hour = count(split.get("ephemeral_1h_input_tokens")) or 0
    five = count(split.get("ephemeral_5m_input_tokens")) or 0
    return (max(five, total - hour), hour)


def _inclusive(
    usage: Mapping[str, Any],
    given: int | None,
    produced: int | None,
    details_in: Mapping[str, Any],
    details_out: Mapping[str, Any],
) -> Tokens:
    get = usage.get
    tokens = Tokens(input=given, output=produced)
    tokens.read = (
        count(details_in.get("cached_tokens"))
        or count(get("cache_read_input_tokens"))
        or count(get("prompt_cache_hit_tokens"))
        or 0
    )
    if details_in or "cache_creation_input_tokens" in usage:
        tokens.write_5m, tokens.write_1h = _writes(usage, fields_of(details_in.get("cache_creation_token_details")))
        if not tokens.write_5m and not tokens.write_1h:
            tokens.write_5m = count(details_in.get("cache_creation_tokens")) or 0
        tokens.audio_in = count(details_in.get("audio_tokens")) or 0
        tokens.image_in = count(details_in.get("image_tokens")) or 0
    if details_out:
        tokens.reasoning = count(details_out.get("reasoning_tokens")) or 0
        tokens.audio_out = count(details_out.get("audio_tokens")) or 0
        tokens.image_out = count(details_out.get("image_tokens")) or 0
    _subtract(tokens, given, produced, count(get("total_tokens")))
    return tokens


def _subtract(tokens: Tokens, given: int | None, produced: int | None, total: int | None) -> None:
    if given is not None:
        rest = given - tokens.read - tokens.write_5m - tokens.write_1h - tokens.audio_in - tokens.image_in
        tokens.input = rest if rest >= 0 else _without_overlap(tokens, given)
        tokens.consistent = rest >= 0
    if produced is not None:
        # Some providers (xAI) count reasoning beside the completion, which the total gives away.
        beside = tokens.reasoning and total == (given or 0) + produced + tokens.reasoning
        rest = produced - tokens.audio_out - tokens.image_out - (0 if beside else tokens.reasoning)
        tokens.output = rest if rest >= 0 else produced
        tokens.consistent = tokens.consistent and rest >= 0


def _without_overlap(tokens: Tokens, given: int) -> int:
    """Cached tokens also counted as audio or images (xAI) are the cache's alone; what is left is plain input."""
    uncached = given - tokens.read - tokens.write_5m - tokens.write_1h
    if uncached < 0:
        return given
    tokens.audio_in = min(tokens.audio_in, uncached)
    tokens.image_in = min(tokens.image_in, uncached - tokens.audio_in)
    return uncached - tokens.audio_in - tokens.image_in


def _gemini(usage: Mapping[str, Any]) -> Tokens:
    get = usage.get
    given = (count(get("promptTokenCount")) or 0) + (count(get("toolUsePromptTokenCount")) or 0)
    produced = count(get("candidatesTokenCount")) or count(get("responseTokenCount")) or 0
    tokens = Tokens(read=count(get("cachedContentTokenCount")) or 0)
    tokens.audio_in, tokens.image_in = _modalities(get("promptTokensDetails"))
    tokens.audio_out, tokens.image_out = _modalities(get("candidatesTokensDetails"))
    _subtract(tokens, given, produced, None)
    tokens.reasoning = count(get("thoughtsTokenCount")) or 0
    return tokens


def _modalities(details: object) -> tuple[int, int]:
    audio = image = 0
    for entry in details if type(details) is list else ():
        fields = fields_of(entry)
        if fields.get("modality") == "AUDIO":
            audio += count(fields.get("tokenCount")) or 0
        elif fields.get("modality") == "IMAGE":
            image += count(fields.get("tokenCount")) or 0
    return audio, image
