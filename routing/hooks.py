"""LiteLLM's side of routing: the filter over deployments, and what became of each attempt. It alone imports litellm."""

# ruff: noqa: ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger

from scalix.errors import BudgetExceededError

from .answers import answer_of, retry_after_of
from .asking import request_of
from .facts import Facts, deployment_id
from .grouping import group_order
from .legacy import only_legacy, without_routing

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .choosing import Chooser

_PREPARED = "scalix_prepared"
_DETAIL = {"tools": "supports_function_calling", "vision": "supports_vision", "streaming": "supports_native_streaming"}


class RoutingHooks(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Narrows a Router's healthy deployments to the one chosen. Whatever goes wrong here, LiteLLM chooses as before."""

    def __init__(
        self, chooser: Chooser, kind_of: Callable[[BaseException], str | None], guard: AbstractContextManager[None]
    ) -> None:
        """``kind_of`` names the kind of an error; ``guard`` keeps and counts what goes wrong in here."""
        super().__init__()
        self.chooser = chooser
        self._kind_of = kind_of
        self._guard = guard

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[Any],
        messages: Any = None,
        request_kwargs: Any = None,
        parent_otel_span: Any = None,
        **_: Any,
    ) -> list[Any]:
        return self.narrowed(model, healthy_deployments, request_kwargs, messages)

    def narrowed(self, model: str, deployments: list[Any], request_kwargs: Any, messages: Any = None) -> list[Any]:
        """The deployment to take as a list of its own, or all of them when routing does not act.

        Raises BudgetExceededError alone, which is meant for the caller.
        """
        refused, kept = None, deployments
        with self._guard:
            try:
                choice = self.chooser.choose(model, deployments, request_of(request_kwargs, messages))
                kept = [choice[0]] if choice and choice[1] else only_legacy(self.chooser.observed.mode, deployments)
            except BudgetExceededError as error:
                refused = error
        if refused is not None:
            raise refused
        return kept

    def prepared(self, router: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        """A request's arguments with its fallback groups in the order of this moment, or none in legacy mode."""
        with self._guard:
            self.chooser.observed.look()
            if self.chooser.observed.mode.mode == "legacy":
                return without_routing(arguments)
            ordered = group_order(self.chooser, router, arguments)
            if ordered is not None:
                return {**arguments, "fallbacks": ordered}
        return arguments

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: Any, call_type: Any) -> None:
        """Before a request of LiteLLM Proxy, which makes its Router itself, and may make it anew."""
        with self._guard:
            prepare_proxy(self)

    async def async_post_call_success_deployment_hook(
        self, request_data: Any = None, response: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        with self._guard:
            details = _details(request_data)
            if details.get("stream") is not True:  # a stream's end is heard of below
                self._answered(details, response, None, None)

    async def async_post_call_failure_deployment_hook(
        self, request_data: Any = None, exception: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        self._failed(request_data, exception)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        with self._guard:
            if (kwargs or {}).get("stream") is True:
                self._answered(kwargs, response_obj, start_time, end_time)

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        with self._guard:
            self._answered(kwargs or {}, response_obj, start_time, end_time)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._failed(kwargs, (kwargs or {}).get("exception"))

    def stream_not_opened(self, data: Any, error: Any, _: Any) -> None:
        """A stream that the Router opens by itself failed, of which LiteLLM tells no hook."""
        self._failed(data, error)

    def _answered(self, details: Any, response: Any, start: Any, end: Any) -> None:
        name = _deployment(details)
        if name:
            answer = answer_of(response, start, end, details.get("completion_start_time"))
            self.chooser.observed.succeeded(name, _trace(details), answer)

    def _failed(self, data: Any, error: Any) -> None:
        with self._guard:
            details = _details(data)
            name = _deployment(details)
            if name and isinstance(error, BaseException):
                kind, trace = self._kind_of(error) or "unknown", _trace(details)
                self.chooser.observed.failed(name, kind, trace, retry_after_of(error))
                self.chooser.remembered.failed(trace, name)


def facts_of(deployment: Any) -> Facts:
    """List prices and abilities: as the deployment says, else as LiteLLM's map of models does."""
    params = deployment.get("litellm_params") or {}
    info = deployment.get("model_info") or {}
    name = str(params.get("model") or "")
    prefix, slash, rest = name.partition("/")
    listed = litellm.model_cost.get(name) or litellm.model_cost.get(rest) or {}
    own = litellm.model_cost.get(str(info.get("id") or "")) or {}

    def say(*keys: str) -> Any:
        sources = (params, info, own, listed)
        return next((found for key in keys for one in sources if (found := one.get(key)) is not None), None)

    return Facts(
        provider=str(params.get("custom_llm_provider") or (prefix if slash else "")) or None,
        model=rest if slash else prefix,
        list_input_usd=_number(say("input_cost_per_token")),
        list_cached_usd=_number(say("cache_read_input_token_cost")),
        list_output_usd=_number(say("output_cost_per_token")),
        context_tokens=_whole(say("max_input_tokens", "max_tokens")),
        **{name: found if isinstance(found := say(key), bool) else None for name, key in _DETAIL.items()},
    )


def register(hooks: RoutingHooks) -> None:
    """Add the hooks to LiteLLM's callbacks, once."""
    if not any(known is hooks for known in litellm.callbacks):
        litellm.callbacks.append(hooks)


def route_synchronous(router: Any, hooks: RoutingHooks) -> None:
    """Have a Router's synchronous calls choose by the same policy: all deployments but the chosen are excluded."""
    original = router.get_available_deployment

    def chosen(model: str, *args: Any, request_kwargs: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        given = request_kwargs if request_kwargs is not None else {}
        deployments = router.get_model_list(model_name=model) or []
        narrowed = hooks.narrowed(model, deployments, given, kwargs.get("messages"))
        if len(narrowed) == 1 and len(deployments) > 1:
            others = [deployment_id(one) for one in deployments if one is not narrowed[0]]
            try:
                return original(model, *args, request_kwargs={**given, "_excluded_deployment_ids": others}, **kwargs)
            except litellm.exceptions.RateLimitError:
                pass  # the one chosen is cooling down: LiteLLM chooses among the rest
        return original(model, *args, request_kwargs=request_kwargs, **kwargs)

    router.get_available_deployment = chosen


def prepare_requests(router: Any, hooks: RoutingHooks) -> None:
    """Have every request of a Router, whatever its kind, pass through ``hooks.prepared`` before anything is tried."""
    original = router.async_function_with_fallbacks

    async def prepared(*args: Any, **kwargs: Any) -> Any:
        return await original(*args, **hooks.prepared(router, kwargs))

    router.async_function_with_fallbacks = prepared


def prepare_proxy(hooks: RoutingHooks) -> None:
    """The same for the Router that this process's LiteLLM Proxy has at this moment, once for each.

    A request's own ``fallbacks`` could be set in the hook, too; but there its trace is not known yet, by which a canary
    tells its requests, nor are the fallbacks of the caller's key.
    """
    router = getattr(sys.modules.get("litellm.proxy.proxy_server"), "llm_router", None)
    if router is not None and getattr(router, _PREPARED, None) is not hooks:
        prepare_requests(router, hooks)
        setattr(router, _PREPARED, hooks)


def _details(data: Any) -> Any:
    return getattr((data or {}).get("litellm_logging_obj"), "model_call_details", None) or data or {}


def _deployment(details: Any) -> str:
    params = details.get("litellm_params") or {}
    return str((params.get("model_info") or {}).get("id") or "")


def _trace(data: Any) -> str | None:
    found = (data or {}).get("litellm_trace_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None
