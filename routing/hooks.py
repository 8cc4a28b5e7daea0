"""LiteLLM's side of routing: the filter over deployments, and what became of each attempt. It alone imports litellm."""

# ruff: noqa: ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger

from scalix.errors import BudgetExceededError

from .choosing import deployment_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .choosing import Chooser

_TYPICAL_CALL = {"input_cost_per_token": 1_000, "output_cost_per_token": 300}
"""Tokens by which list prices are compared while nothing has been observed."""


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
        return self.narrowed(model, healthy_deployments, request_kwargs)

    def narrowed(self, model: str, deployments: list[Any], request_kwargs: Any) -> list[Any]:
        """The deployment to take as a list of its own, or all of them when routing does not act.

        Raises BudgetExceededError alone, which is meant for the caller.
        """
        refused = None
        with self._guard:
            try:
                choice = self.chooser.choose(model, deployments, _trace(request_kwargs))
            except BudgetExceededError as error:
                refused, choice = error, None
            if choice is not None and choice[1]:
                return [choice[0]]
        if refused is not None:
            raise refused
        return deployments

    async def async_post_call_success_deployment_hook(
        self, request_data: Any = None, response: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        self._note(request_data, None)

    async def async_post_call_failure_deployment_hook(
        self, request_data: Any = None, exception: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        self._note(request_data, exception)

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._note(kwargs, None)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._note(kwargs, (kwargs or {}).get("exception"))

    def _note(self, data: Any, error: Any) -> None:
        with self._guard:
            details = getattr((data or {}).get("litellm_logging_obj"), "model_call_details", None) or data or {}
            params = details.get("litellm_params") or {}
            name = str((params.get("model_info") or {}).get("id") or "")
            if name and isinstance(error, BaseException):
                kind = self._kind_of(error) or "unknown"
                self.chooser.observed.failed(name, kind, _trace(details), _retry_after(error))
            elif name:
                self.chooser.observed.succeeded(name)


def list_cost(deployment: Any) -> float | None:
    """What a typical call costs by list price; None when LiteLLM does not know the model."""
    params = deployment.get("litellm_params") or {}
    name = str(params.get("model") or "")
    listed = litellm.model_cost.get(name) or litellm.model_cost.get(name.partition("/")[2]) or {}
    cost = 0.0
    for part, tokens in _TYPICAL_CALL.items():
        price = params.get(part) if params.get(part) is not None else listed.get(part)
        if not isinstance(price, int | float):
            return None
        cost += tokens * price
    return cost


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
        narrowed = hooks.narrowed(model, deployments, given)
        if len(narrowed) == 1 and len(deployments) > 1:
            others = [deployment_id(one) for one in deployments if one is not narrowed[0]]
            try:
                return original(model, *args, request_kwargs={**given, "_excluded_deployment_ids": others}, **kwargs)
            except litellm.exceptions.RateLimitError:
                pass  # the one chosen is cooling down: LiteLLM chooses among the rest
        return original(model, *args, request_kwargs=request_kwargs, **kwargs)

    router.get_available_deployment = chosen


def _trace(data: Any) -> str | None:
    found = (data or {}).get("litellm_trace_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def _retry_after(error: BaseException) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or getattr(
        error, "litellm_response_headers", None
    )
    try:
        return float(headers["retry-after"]) if headers and "retry-after" in headers else None
    except (TypeError, ValueError):
        return None
