"""Puts routing into LiteLLM: `scalix.router(...)` gives a Router that records and chooses by what was learned."""

from __future__ import annotations

import importlib
import os
import threading
from functools import cache
from typing import Any

import msgspec

from scalix import parts, providers_setup
from scalix.errors import SettingsError
from scalix.folder import default_folder
from scalix.installing import install_collector

MOST_RETRIES = 3
POLICY_VARIABLE = "SCALIX_ROUTING_POLICY"
_preparing = threading.Lock()


def router(
    model_list: list[dict[str, Any]] | None = None, *, policy: dict[str, Any] | None = None, **options: Any
) -> Any:
    """A ``litellm.Router`` whose deployments Scalix chooses, sync and async; every option of LiteLLM's Router holds.

    Without ``model_list`` it is made of the provider catalogue: every configured model under ``provider/model``, the
    groups in ``providers.toml``, and ``auto``.
    One group that holds all candidates is the best use: a retry then goes to another deployment. What may pass by
    itself is tried again up to three times (``num_retries``). An exception that comes out keeps LiteLLM's class, says
    in plain words what happened, and has all that was tried in ``scalix_failure``.

    ``policy`` sets fields of ``routing.policy.Policy`` for this process, such as ``{"most_p95_s": 5.0}``; the variable
    ``SCALIX_ROUTING_POLICY`` holds the same as JSON, for LiteLLM Proxy. Raises SettingsError for what it does not know.
    """
    found, switched = providers_setup.catalogue(), providers_setup.switches()
    deployments = providers_setup.model_list(found, switched, model_list)
    providers_setup.register_scalix_pro()
    litellm = importlib.import_module("litellm")
    if switched.legacy:
        _collector()
        return litellm.Router(model_list=deployments, **{"num_retries": 0, "disable_cooldowns": True, **options})
    given = {"num_retries": MOST_RETRIES, "cache_responses": providers_setup.use_cache(found), **options}
    made = litellm.Router(model_list=deployments, **given)
    hooks_module, hooks = _hooks()
    if policy is not None:
        hooks.chooser.follow(_policy(policy))
    hooks_module.route_synchronous(made, hooks)
    hooks_module.prepare_requests(made, hooks)
    _recovery().prepare(made, found.hint if model_list is None and not switched.proxy_url else lambda _: None)
    return made


def routing_hooks() -> Any:
    """The hooks themselves, not registered: for whoever adds them to LiteLLM's callbacks."""
    with _preparing:
        return _made()[1]


def _collector() -> Any:
    return install_collector(strict=False, stream_usage=True, client_retries=False, register=True).callback


def _hooks() -> tuple[Any, Any]:
    with _preparing:
        module, hooks = _made()
        module.register(hooks)
        return module, hooks


def _recovery() -> Any:
    with _preparing:
        module, hooks = _made_recovery()
        module.register(hooks)
        return hooks


@cache
def _made_recovery() -> tuple[Any, Any]:
    parts.load("routing")
    module = importlib.import_module("scalix.routing.recovery.hooks")
    failures = importlib.import_module("scalix.collector.failures")
    hooks = module.RecoveryHooks(failures.kind_of, importlib.import_module("scalix.collector.guard").guard)
    _hear_of_unopened_streams(hooks.note)
    return module, hooks


def _hear_of_unopened_streams(listener: Any) -> None:
    wrapper = importlib.import_module("litellm.litellm_core_utils.streaming_handler").CustomStreamWrapper
    importlib.import_module("scalix.collector.lazy_streams").watch(wrapper, listener)


def _policy(told: dict[str, Any] | str) -> Any:
    kind = importlib.import_module("scalix.routing.policy").Policy
    try:
        return msgspec.json.decode(told, type=kind) if isinstance(told, str) else msgspec.convert(told, kind)
    except msgspec.MsgspecError as error:
        raise SettingsError(f"routing policy {told!r}: {error}; its fields are in routing/policy.py") from error


@cache
def _made() -> tuple[Any, Any]:
    collector = _collector()
    parts.load("routing")
    module = importlib.import_module("scalix.routing.hooks")
    observed = importlib.import_module("scalix.routing.observed").Observed(default_folder().snapshot)
    failures = importlib.import_module("scalix.collector.failures")
    chooser = importlib.import_module("scalix.routing.choosing").Chooser(
        observed, collector.recorder.spool.write, facts=module.facts_of
    )
    guard = importlib.import_module("scalix.collector.guard").guard
    told = os.environ.get(POLICY_VARIABLE)
    if told:
        chooser.follow(_policy(told))
    hooks = module.RoutingHooks(chooser, failures.kind_of, guard)
    _hear_of_unopened_streams(hooks.stream_not_opened)
    return module, hooks
