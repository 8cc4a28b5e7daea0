"""What LiteLLM Proxy calls: who a key belongs to, where a call may go, and what it came to. Imports LiteLLM."""

# ruff: noqa: ARG001, ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException, UserAPIKeyAuth

from collector import costs
from routing.answers import headers_of
from routing.facts import deployment_id
from scalix.events import AttemptEvent
from scalix.gateway.answers import UNKNOWN
from scalix.gateway.door import CALLER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.gateway.calls import Calls


LONGEST_HEADER = 64


class Gateway(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Keeps calls to the deployments that they have money for, and tells what each came to."""

    calls: Calls | None = None
    """Those of this process, once the door is open."""

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[Any],
        messages: Any = None,
        request_kwargs: Any = None,
        parent_otel_span: Any = None,
        **_: Any,
    ) -> list[Any]:
        narrowed = self.calls.deployments(_call_id(request_kwargs)) if self.calls else None
        if narrowed is None:
            return healthy_deployments
        return [one for one in healthy_deployments if deployment_id(one) in narrowed]

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        if self.calls:
            self.calls.succeeded(_call_id(kwargs), _cost_pusd(kwargs), _tokens(kwargs))

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        if self.calls:
            self.calls.failed(_call_id(kwargs), _cost_pusd(kwargs), _retry_after(kwargs.get("exception")))


gateway = Gateway()


async def authenticate(request: Any, api_key: str) -> Any:
    """Who calls, as the door has found out. Nobody comes here past it."""
    caller = request.scope.get(CALLER)
    if caller is None:
        raise ProxyException(message=UNKNOWN, type="auth_error", param=None, code=401)
    key = caller.key
    return UserAPIKeyAuth(
        api_key=key.id,
        token=key.id,
        key_alias=key.name,
        user_id=key.user_id,
        team_id=key.team_id,
        team_alias=key.team_id,
        metadata={"tags": list(key.tags)} if key.tags else {},
    )


def _call_id(kwargs: Any) -> str:
    found = (kwargs or {}).get("litellm_call_id")
    return found if isinstance(found, str) else ""


def _cost_pusd(kwargs: Mapping[str, Any]) -> int | None:
    """What the collector writes down for this call: the provider's own figure, else LiteLLM's. None is unknown."""
    payload = kwargs.get("standard_logging_object") or {}
    event = AttemptEvent(kind="success", call_id="", started_us=0, at_us=0, cache_hit=payload.get("cache_hit") is True)
    costs.record(event, kwargs, payload)
    return event.litellm_cost_pusd if event.provider_cost_pusd is None else event.provider_cost_pusd


def _tokens(kwargs: Mapping[str, Any]) -> int | None:
    found = (kwargs.get("standard_logging_object") or {}).get("total_tokens")
    return found if isinstance(found, int) else None


def _retry_after(error: Any) -> str | None:
    """The provider's ``Retry-After``, which LiteLLM does not pass on."""
    found = str(headers_of(error).get("retry-after") or "")
    return found if 0 < len(found) <= LONGEST_HEADER and found.isascii() and found.isprintable() else None
