"""Puts providers and caches into LiteLLM as the settings say: the catalogue's parts, loaded under ``scalix.``-names."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from scalix import parts
from scalix.folder import default_folder


def catalogue() -> Any:
    """The catalogue of the Scalix folder and this environment, read anew."""
    return _part("catalogue.catalogue").load(default_folder().providers)


def switches() -> Any:
    """What the environment says about LiteLLM, its Proxy, and legacy mode."""
    return _part("catalogue.switches").from_environment()


def model_list(found: Any, switched: Any, given: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """A Router's model list: the application's own where it gave one, else made of the catalogue or the Proxy."""
    deployments = _part("catalogue.deployments")
    made: list[dict[str, Any]]
    if given is not None:
        provider = found.legacy().known.litellm if found.providers else None
        made = deployments.first_of_each(given, provider) if switched.legacy else given
    elif switched.proxy_url:
        made = _part("catalogue.switches").proxy_list(switched)
    else:
        made = deployments.legacy_list(found) if switched.legacy else deployments.model_list(found)
    return made


def use_cache(found: Any) -> bool:
    """Give LiteLLM the cache that the settings want, unless the host gave it one; whether there is one."""
    litellm: Any = importlib.import_module("litellm")
    if litellm.cache is None and found.cache is not None:
        litellm.cache = litellm.Cache(**_part("caching").cache_options(found.cache, default_folder().root))
    return found.cache is not None


def models(provider: str | None, *, everything: bool) -> list[Any]:
    """The catalogue's models with what LiteLLM knows of them."""
    known = importlib.import_module("litellm").model_cost
    listed: list[Any] = _part("catalogue.listing").models(catalogue(), known, provider=provider, everything=everything)
    return listed


@cache
def scalix_pro_provider() -> Any:
    """The provider of ``scalix-pro/…`` models, not registered: for whoever adds it to LiteLLM's providers."""
    table = _part("catalogue.file").read(default_folder().providers).providers.get("scalix-pro")
    return _part("scalix_pro.provider").made(_part("scalix_pro.settings").settings(table))


def register_scalix_pro() -> None:
    """Make ``scalix-pro/…`` a model that LiteLLM knows in this process."""
    _part("scalix_pro.provider").register(scalix_pro_provider())


def _part(name: str) -> Any:
    parts.load("routing")
    return importlib.import_module(f"scalix.routing.{name}")
