"""What is asked of Scalix Pro: which of its two endpoints, and with what body. Nothing here talks to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.errors import NotConfiguredError, SettingsError

from .settings import ENGINE_VARIABLE, GATEWAY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .settings import ScalixPro

OPTIONS = "scalix_options"
_AT_THE_TOP = frozenset({"stream", "stream_options"})
"""Fields that the OpenAI client has to know of; all others go into the body as they are."""
_NOT_FOR_THE_BODY = frozenset({"extra_body", "max_retries", "extra_headers", OPTIONS})


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """``scalix_options`` as the Engine takes them. A flag left out is what the settings say."""

    files: list[dict[str, Any]] = []
    """The caller's files, each with its path and content."""
    enable_lazy_edits: bool | None = None
    enable_smart_files_context: bool | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request: where to, and what the OpenAI client is to be given."""

    base_url: str
    data: dict[str, Any]
    engine: bool


def prepare(
    settings: ScalixPro,
    model: str,
    messages: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    user: str | None = None,
    api_base: str | None = None,
) -> Request:
    """The request for one call.

    ``parameters`` are the call's own, ``scalix_options`` among them. ``user`` is whom the call is for, by which Scalix
    Pro accounts and routes. ``api_base`` stands in for the address in the settings.
    Raises NotConfiguredError when the endpoint has no address, and SettingsError when ``scalix_options`` are not what
    they should be.
    """
    body = {**parameters, **(parameters.get("extra_body") or {})}
    options = _options(body.get(OPTIONS), settings)
    engine = bool(options.enable_smart_files_context or options.enable_lazy_edits)
    rest = {name: value for name, value in body.items() if name not in _NOT_FOR_THE_BODY | _AT_THE_TOP}
    if user:
        rest["user"] = user
    if engine:
        rest[OPTIONS] = msgspec.to_builtins(options)
    data = {"model": model, "messages": list(messages), "extra_body": rest}
    data |= {name: body[name] for name in _AT_THE_TOP if body.get(name) is not None}
    return Request(base_url=(api_base or _address(settings, engine=engine)).rstrip("/"), data=data, engine=engine)


def _options(given: object, settings: ScalixPro) -> Options:
    try:
        options = msgspec.convert({} if given is None else given, Options)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{OPTIONS}: {error}; it may hold files, enable_lazy_edits and enable_smart_files_context"
        ) from None
    if options.enable_lazy_edits is None:
        options.enable_lazy_edits = settings.lazy_edits
    if options.enable_smart_files_context is None:
        options.enable_smart_files_context = settings.smart_context
    return options


def _address(settings: ScalixPro, *, engine: bool) -> str:
    found = settings.engine_url if engine else settings.gateway_url
    if not found:
        name, variable = ("Engine", ENGINE_VARIABLE) if engine else ("Gateway", GATEWAY_VARIABLE)
        raise NotConfiguredError(f"Scalix Pro's {name} has no address; set {variable}")
    return found
