"""What LiteLLM Proxy calls: who a key belongs to, whether a call may be made, and what it came to. Imports LiteLLM."""

# ruff: noqa: ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

import os
import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException, UserAPIKeyAuth
from starlette.concurrency import run_in_threadpool

from scalix.events import PICODOLLARS
from scalix.folder import default_folder
from scalix.gateway import allowed, keys, spending
from scalix.gateway.bounds import most_pusd
from scalix.gateway.endpoints import UNKNOWN, Endpoints
from scalix.store.control import ControlStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.gateway.keys import Key

RESERVATION = "scalix_reservation"


@cache
def _control() -> ControlStore:
    return ControlStore.in_folder(default_folder())


@cache
def _pepper() -> bytes:
    return keys.pepper_of(default_folder())


def _is_admin(token: str) -> bool:
    master = os.environ.get("LITELLM_MASTER_KEY", "")
    return bool(master) and secrets.compare_digest(token.encode(), master.encode())


async def authenticate(request: Any, api_key: str) -> Any:
    """Who calls. Every key that may not call gets the same answer. The admin's key manages, and cannot call models."""
    if _is_admin(api_key or ""):
        if request.url.path.startswith(("/health", "/model/info", "/v1/model/info", "/v1/models", "/models")):
            return UserAPIKeyAuth(api_key=api_key, user_role="proxy_admin")
        raise ProxyException(message="the admin's key cannot call models", type="auth_error", param=None, code=403)
    key = await run_in_threadpool(keys.known, _control(), _pepper(), api_key or "")
    if key is None:
        raise ProxyException(message=UNKNOWN, type="auth_error", param=None, code=401)
    refused = allowed.refusal(request.url.path, await request.body())
    if refused is not None:
        raise ProxyException(refused.message, refused.kind, None, refused.status)
    return UserAPIKeyAuth(
        api_key=key.prefix,
        token=key.prefix,
        key_alias=key.alias or key.prefix,
        user_id=key.user_id,
        team_id=key.team,
        team_alias=key.team,
        models=list(key.models),
        metadata={"scalix_prefix": key.prefix},
    )


class Gateway(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Refuses what a key may not call, reserves what a call can cost, and settles it with what it did cost."""

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> Any:
        prefix = (user_api_key_dict.metadata or {}).get("scalix_prefix")
        key = await run_in_threadpool(keys.one, _control(), prefix) if prefix else None
        if key is None:
            return data
        model = str(data.get("model") or "")
        if not key.may_call(model):
            raise ProxyException(f"this key may not call {model}", "key_model_access_denied", "model", 403)
        if key.budget_usd is not None:
            await self._reserve(key, data)
        return data

    async def _reserve(self, key: Key, data: dict[str, Any]) -> None:
        amount = most_pusd(data, _prices(str(data.get("model") or "")))
        if amount is None:
            raise ProxyException(
                "the most this call can cost is not known, and the key has a budget", "budget_exceeded", None, 429
            )
        outcome = await run_in_threadpool(spending.reserve, _control(), key.prefix, amount)
        if isinstance(outcome, spending.Refusal):
            spent, limit = outcome.spent_usd, outcome.limit_usd
            raise ProxyException(
                f"budget of key {key.alias or key.prefix} is used up: spent {spent} USD, under way "
                f"{outcome.reserved_usd} USD, limit {limit} USD",
                "budget_exceeded",
                None,
                429,
            )
        place = "litellm_metadata" if "litellm_metadata" in data else "metadata"
        data[place] = {**(data.get(place) or {}), RESERVATION: outcome}

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        payload = kwargs.get("standard_logging_object") or {}
        cost = payload.get("response_cost")
        if not isinstance(cost, int | float) or (cost <= 0 and payload.get("cache_hit") is not True):
            cost = None
        await self._end(kwargs, None if cost is None else round(cost * PICODOLLARS))

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A retry or fallback of the same request may follow: what failed is given back only with the request's end."""

    async def async_post_call_failure_hook(
        self, request_data: dict[str, Any], original_exception: Exception, user_api_key_dict: Any, **_: Any
    ) -> None:
        reservation = _reservation(request_data)
        if reservation:
            await run_in_threadpool(spending.release, _control(), reservation)

    async def _end(self, kwargs: Mapping[str, Any], cost_pusd: int | None) -> None:
        reservation = _reservation(kwargs.get("litellm_params") or {})
        if reservation:
            await run_in_threadpool(spending.settle, _control(), reservation, cost_pusd)


@cache
def gateway_callback() -> Gateway:
    """The one callback of this process; our routes are put before LiteLLM's when it is made."""
    from litellm.proxy.proxy_server import app  # noqa: PLC0415  it is the one that names this module

    app.router.routes[0:0] = Endpoints(_control(), _pepper(), _is_admin).routes()
    return Gateway()


def _reservation(holder: Mapping[str, Any]) -> str | None:
    for place in ("metadata", "litellm_metadata"):
        found = (holder.get(place) or {}).get(RESERVATION)
        if isinstance(found, str):
            return found
    return None


def _prices(group: str) -> list[dict[str, Any]]:
    """Price entries of every deployment that a call to this group may reach, its own prices before LiteLLM's."""
    from litellm.proxy import proxy_server  # noqa: PLC0415  exists once the proxy has started

    router = proxy_server.llm_router
    found = []
    for deployment in (router.get_model_list(model_name=group) or []) if router else []:
        params = deployment["litellm_params"]
        name = str(params.get("model") or "")
        listed = litellm.model_cost.get(name) or litellm.model_cost.get(name.partition("/")[2]) or {}
        own = {part: params[part] for part in listed.keys() | _PRICE_PARTS if params.get(part) is not None}
        found.append({**listed, **own})
    return found or [{}]


_PRICE_PARTS = {"input_cost_per_token", "output_cost_per_token", "cache_creation_input_token_cost"}
