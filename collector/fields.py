"""The facts about a call that LiteLLM's call details hold from the start: who asks whom for what. By allow-list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .values import count, flag, identifier, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent

    from .settings import Settings

MODEL_LIMIT = 256
METADATA_LIMIT = 4096
MOST_TAGS = 64
DEEPEST = 4
SHORTEST_SECRET = 4
SHORTEST_HASH = 32
HEALTH_CHECK_TAG = "litellm-internal-health-check"
_encode = msgspec.json.Encoder().encode


def describe(event: AttemptEvent, details: Mapping[str, Any], settings: Settings) -> None:
    """Write into the event what LiteLLM's call details say about the call itself."""
    get = details.get
    params = mapping(get("litellm_params"))
    own, theirs = mapping(params.get("metadata")), mapping(params.get("litellm_metadata"))
    # The Router writes beside the caller's metadata, in one or the other of the two, depending on the call type.
    router = theirs if "model_group" in theirs or "user_api_key_hash" in theirs else own
    event.trace_id = identifier(get("litellm_trace_id") or params.get("litellm_trace_id"))
    event.session_id = identifier(params.get("litellm_session_id") or own.get("session_id"))
    event.provider = text(get("custom_llm_provider") or params.get("custom_llm_provider"))
    event.model = bare_model(get("model"), event.provider)
    event.api_base = _address(params.get("api_base"))
    event.call_type = text(get("call_type"))
    event.streaming = flag(get("stream"))
    _route(event, router, params)
    _people(event, get("user"), router)
    tags = own.get("tags") or theirs.get("tags")
    if tags:
        record_tags(event, tags)
    if own:
        event.metadata = _kept(own, settings)


def bare_model(model: object, provider: str | None) -> str | None:
    """The model's name without its provider's prefix, so that direct calls and the Router's agree."""
    name = text(model, MODEL_LIMIT)
    if name and provider and name.startswith(provider + "/"):
        return name[len(provider) + 1 :]
    return name


def record_tags(event: AttemptEvent, tags: object) -> None:
    """The caller's tags, without those that LiteLLM's proxy makes of the user agent."""
    if type(tags) is not list:
        return
    kept = [cleaned for tag in tags[:MOST_TAGS] if (cleaned := text(tag, 128)) and cleaned[:11] != "User-Agent:"]
    if HEALTH_CHECK_TAG in kept:
        event.flags = [*(event.flags or ()), "health_check"]
    event.tags = kept or None


def known_secrets(details: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that this call was made with, to be struck out of any text about it."""
    params = mapping(details.get("litellm_params"))
    keys = (details.get("api_key"), params.get("api_key"), params.get("aws_secret_access_key"))
    return tuple({key for key in keys if type(key) is str and len(key) >= SHORTEST_SECRET})


def _route(event: AttemptEvent, router: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    if "model_group" in router:
        event.model_group = text(router.get("model_group"), MODEL_LIMIT)
        event.original_model_group = text(router.get("original_model_group"), MODEL_LIMIT)
        event.retry = count(router.get("attempted_retries"))
        event.fallback_depth = count(router.get("attempted_fallbacks"))
    info = params.get("model_info") or router.get("model_info")
    if info:
        event.deployment_id = identifier(mapping(info).get("id"))


def _people(event: AttemptEvent, user: object, router: Mapping[str, Any]) -> None:
    if "user_api_key_hash" not in router and "user_api_key" not in router:
        event.user_id = identifier(user)
        return
    event.user_id = identifier(router.get("user_api_key_user_id"))
    event.end_user = identifier(router.get("user_api_key_end_user_id") or user)
    event.team_id = identifier(router.get("user_api_key_team_id"))
    event.team_alias = text(router.get("user_api_key_team_alias"))
    event.key_hash = _hash(router.get("user_api_key_hash") or router.get("user_api_key"))
    event.key_alias = text(router.get("user_api_key_alias"))


def _hash(value: object) -> str | None:
    # A custom auth may hand LiteLLM the key itself where its hash belongs; a hash is hexadecimal.
    found = text(value)
    return found if found and len(found) >= SHORTEST_HASH and all(c in "0123456789abcdef" for c in found) else None


def _address(value: object) -> str | None:
    address = text(value, 512)
    if address is None:
        return None
    address = address.partition("?")[0].rstrip("/")
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path if "@" in host else address


def _kept(own: Mapping[str, Any], settings: Settings) -> str | None:
    kept = {}
    for key in settings.metadata_keys:
        if key in own:
            value = own[key]
            kept[key] = text(value, 512) if type(value) is str else _plain(value, 0)
    if not kept:
        return None
    encoded = _encode(kept)
    return encoded.decode() if len(encoded) <= METADATA_LIMIT else None


def _plain(value: object, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return text(value, 512)
    if kind is bool or kind is int or kind is float or value is None or depth > DEEPEST:
        return value if kind is not int or -(2**63) <= value < 2**63 else None  # type: ignore[operator]  # an int here
    if kind is list:
        return [_plain(item, depth + 1) for item in value[:MOST_TAGS]]  # type: ignore[index]  # a list here
    if kind is dict:
        return {text(k): _plain(v, depth + 1) for k, v in list(value.items())[:MOST_TAGS] if type(k) is str}  # type: ignore[attr-defined]  # a dict here
    return None
