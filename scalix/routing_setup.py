"""Puts routing into LiteLLM: `scalix.router(...)` gives a Router that records and chooses by what was learned."""

from __future__ import annotations

import importlib
import threading
from functools import cache
from typing import Any

from scalix import parts
from scalix.folder import default_folder
from scalix.installing import install_collector

MOST_RETRIES = 3
_preparing = threading.Lock()


def router(model_list: list[dict[str, Any]], **options: Any) -> Any:
    """A ``litellm.Router`` whose deployments Scalix chooses, sync and async; every option of LiteLLM's Router holds.

    One group that holds all candidates is the best use: a retry then goes to another deployment. ``num_retries`` is
    by default one less than the largest group has deployments, and at most three.
    """
    hooks_module, hooks = _hooks()
    register_scalix_pro()
    litellm = importlib.import_module("litellm")
    groups: dict[str, int] = {}
    for deployment in model_list:
        groups[deployment["model_name"]] = groups.get(deployment["model_name"], 0) + 1
    retries = min(max(groups.values(), default=1) - 1, MOST_RETRIES)
    made = litellm.Router(model_list=model_list, **{"num_retries": retries, **options})
    hooks_module.route_synchronous(made, hooks)
    hooks_module.prepare_requests(made, hooks)
    return made


def routing_hooks() -> Any:
    """The hooks themselves, not registered: for whoever adds them to LiteLLM's callbacks."""
    with _preparing:
        return _made()[1]


@cache
def scalix_pro_provider() -> Any:
    """The provider of ``scalix-pro/…`` models, not registered: for whoever adds it to LiteLLM's providers."""
    parts.load("routing")
    settings = importlib.import_module("scalix.routing.scalix_pro.settings").from_environment()
    return importlib.import_module("scalix.routing.scalix_pro.provider").made(settings)


def register_scalix_pro() -> None:
    """Make ``scalix-pro/…`` a model that LiteLLM knows in this process."""
    provider = scalix_pro_provider()
    importlib.import_module("scalix.routing.scalix_pro.provider").register(provider)


def _hooks() -> tuple[Any, Any]:
    with _preparing:
        module, hooks = _made()
        module.register(hooks)
        return module, hooks


@cache
def _made() -> tuple[Any, Any]:
    collector = install_collector(strict=False, stream_usage=True, client_retries=False, register=True).callback
    parts.load("routing")
    module = importlib.import_module("scalix.routing.hooks")
    observed = importlib.import_module("scalix.routing.observed").Observed(default_folder().snapshot)
    failures = importlib.import_module("scalix.collector.failures")
    chooser = importlib.import_module("scalix.routing.choosing").Chooser(
        observed, collector.recorder.spool.write, facts=module.facts_of
    )
    guard = importlib.import_module("scalix.collector.guard").guard
    hooks = module.RoutingHooks(chooser, failures.kind_of, guard)
    wrapper = importlib.import_module("litellm.litellm_core_utils.streaming_handler").CustomStreamWrapper
    importlib.import_module("scalix.collector.lazy_streams").watch(wrapper, hooks.stream_not_opened)
    return module, hooks
