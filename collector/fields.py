"""The facts about a call that LiteLLM's call details hold from the start: who asks whom for what. By allow-list."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from scalix.events import AttemptEvent

from .values import ID_LIMIT, count, flag, identifier, mapping, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scalix.events import AttemptKind

    from .identity import Attempt
    from .settings import Settings

MODEL_LIMIT = 256
METADATA_LIMIT = 4096
ADDRESS_LIMIT = 512
MOST_TAGS = 64
MOST_TARGETS = 1024
DEEPEST = 4
SHORTEST_SECRET = 4
SHORTEST_HASH = 32
HEALTH_CHECK_TAG = "litellm-internal-health-check"
_encode = msgspec.json.Encoder().encode
_targets: dict[tuple[Any, ...], tuple[str | None, ...]] = {}


def described(kind: AttemptKind, attempt: Attempt, details: Mapping[str, Any], settings: Settings) -> AttemptEvent:
    """An event that tells what LiteLLM's call details say about the call itself, and nothing else yet."""
    get = details.get
    params = get("litellm_params")
    if type(params) is not dict:
        params = mapping(params)
    own = params.get("metadata")
    if type(own) is not dict:
        own = mapping(own)
    router, theirs = own, params.get("litellm_metadata")
    if theirs:
        theirs = mapping(theirs)
        # The Router writes beside the caller's metadata, in one or the other of the two, depending on the call type.
        if "model_group" in theirs or "user_api_key_hash" in theirs:
            router = theirs
    trace = get("litellm_trace_id") or params.get("litellm_trace_id")
    session = params.get("litellm_session_id") or own.get("session_id")
    provider, model, address, call_type, group, original_group, deployment = _target(get, params, router)
    # By position, which takes a fifth of the time that names take.
    event = AttemptEvent(
        kind,
        attempt.call_id,
        attempt.started_us,
        time.time_ns() // 1000,
        time.monotonic_ns() // 1000,
        attempt.flags,
        identifier(trace) if trace else None,
        identifier(session) if session else None,
        provider,
        model,
        address,
        call_type,
        group,
        original_group,
        deployment,
        flag(get("stream")),
        count(router["attempted_retries"]) if "attempted_retries" in router else None,
        count(router["attempted_fallbacks"]) if "attempted_fallbacks" in router else None,
    )
    if "user_api_key_hash" in router or "user_api_key" in router:
        _people(event, get("user"), router)
    elif user := get("user"):
        event.user_id = identifier(user)
    tags = own.get("tags") or (theirs and theirs.get("tags"))
    if tags:
        record_tags(event, tags)
    if own and not settings.metadata_keys.isdisjoint(own):
        event.metadata = kept(own, settings)
    return event


def _target(get: Callable[[str], Any], params: Mapping[str, Any], router: Mapping[str, Any]) -> tuple[str | None, ...]:
    """Who is asked, cleaned. A process asks few, again and again."""
    info = params.get("model_info") or router.get("model_info")
    target = (
        get("custom_llm_provider"),
        get("model"),
        params.get("api_base"),
        get("call_type"),
        router.get("model_group"),
        router.get("original_model_group"),
        mapping(info).get("id") if info else None,
    )
    try:
        return _targets[target]
    except KeyError:
        found = _cleaned(target)
    except TypeError:
        return _cleaned(target)
    if len(_targets) < MOST_TARGETS and all(type(fact) is str and len(fact) <= ID_LIMIT for fact in target if fact):
        _targets[target] = found
    return found


def _cleaned(target: tuple[Any, ...]) -> tuple[str | None, ...]:
    provider, model, address, *names = target
    return (identifier(provider), bare_model(model, provider), _address(address), *map(identifier, names))


def bare_model(model: object, provider: object) -> str | None:
    """The model's name without its provider's prefix, so that direct calls and the Router's agree."""
    if type(model) is not str or type(provider) is not str or len(model) > MODEL_LIMIT:
        return text(model, MODEL_LIMIT)
    return text(model.removeprefix(provider + "/")) if provider else text(model)


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


def _people(event: AttemptEvent, user: object, router: Mapping[str, Any]) -> None:
    """Behind LiteLLM's proxy the key tells who calls; the request's ``user`` is whom they call for."""
    get = router.get
    event.user_id, event.end_user, event.team_id, event.team_alias, event.key_alias = texts(
        get("user_api_key_user_id") or "",
        get("user_api_key_end_user_id") or user,
        get("user_api_key_team_id") or "",
        get("user_api_key_team_alias") or "",
        get("user_api_key_alias") or "",
    )
    event.key_hash = _hash(get("user_api_key_hash") or get("user_api_key"))


def _hash(value: object) -> str | None:
    # A custom auth may hand LiteLLM the key itself where its hash belongs; a hash is hexadecimal.
    found = text(value)
    return found if found and len(found) >= SHORTEST_HASH and all(c in "0123456789abcdef" for c in found) else None


def _address(value: object) -> str | None:
    address = text(value, ADDRESS_LIMIT) if type(value) is str and len(value) <= ADDRESS_LIMIT else None
    if address is None:
        return None
    address = address.partition("?")[0].rstrip("/")
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path if "@" in host else address


def kept(own: Mapping[str, Any], settings: Settings) -> str | None:
    """What settings allow to keep of the caller's metadata, JSON; None when it is too long or nothing is left."""
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
