"""Variables that choose how calls are made: through LiteLLM, through its Proxy, or past everything in legacy mode."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scalix.errors import NotConfiguredError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ON, _OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True)
class Switches:
    """What the environment says. ``proxy_url`` is set when calls go through a LiteLLM Proxy."""

    legacy: bool = False
    proxy_url: str | None = None
    proxy_key: str | None = field(default=None, repr=False)


def from_environment(environment: Mapping[str, str] | None = None) -> Switches:
    """The switches. Raises SettingsError naming a variable that is neither on nor off, or that another one needs."""
    env = os.environ if environment is None else environment
    legacy = _switch(env, "USE_LEGACY_AI", default=False) or not _switch(env, "ENABLE_LITELLM", default=True)
    if legacy or not _switch(env, "ENABLE_LITELLM_PROXY", default=False):
        return Switches(legacy=legacy)
    if not env.get("LITELLM_BASE_URL"):
        raise NotConfiguredError("ENABLE_LITELLM_PROXY is on and LITELLM_BASE_URL is not set; set the Proxy's address")
    return Switches(proxy_url=env["LITELLM_BASE_URL"], proxy_key=env.get("LITELLM_API_KEY") or None)


def proxy_list(switches: Switches) -> list[dict[str, Any]]:
    """A model list with which every name is one of the Proxy's own."""
    params = {"model": "litellm_proxy/*", "api_base": switches.proxy_url, "api_key": switches.proxy_key or "none"}
    return [{"model_name": "*", "litellm_params": params, "model_info": {"id": "litellm-proxy"}}]


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = env.get(name, "").strip().lower()
    if not value:
        return default
    if value in _ON or value in _OFF:
        return value in _ON
    raise SettingsError(f"{name}={env[name]!r} is neither on nor off; use true or false")
