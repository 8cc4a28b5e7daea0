"""The models that a key may call: ``/v1/models`` as OpenAI has it, ``/model/info`` as LiteLLM does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routing.facts import deployment_id
from scalix.errors import NotThereError
from scalix.gateway.endpoints.route import Endpoint, Scope
from scalix.gateway.endpoints.shapes import needed

if TYPE_CHECKING:
    from scalix.gateway.desk import Desk, Who

_SHOWN = (
    "input_cost_per_token",
    "output_cost_per_token",
    "max_input_tokens",
    "max_output_tokens",
    "max_tokens",
    "mode",
    "supports_vision",
    "supports_function_calling",
)


def listed(desk: Desk, who: Who, _fields: dict[str, Any]) -> dict[str, Any]:
    """All that may be called."""
    return {"object": "list", "data": [_model(name) for name in _names(desk, who)]}


def one(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """One of them."""
    name = needed(fields, "model")
    if name not in _names(desk, who):
        raise NotThereError(f"there is no model {name} here")
    return _model(name)


def info(desk: Desk, who: Who, _fields: dict[str, Any]) -> dict[str, Any]:
    """Deployments behind the models that may be called: what they are, and their prices."""
    allowed = set(_names(desk, who))
    data = []
    for group in sorted(allowed):
        prices = desk.catalogue.prices(group)
        for deployment in desk.catalogue.deployments(group):
            name = deployment_id(deployment)
            price = prices.get(name, {})
            data.append(
                {
                    "model_name": group,
                    "litellm_params": {"model": deployment["litellm_params"].get("model")},
                    "model_info": {"id": name, **{part: price.get(part) for part in _SHOWN}},
                }
            )
    return {"data": data}


def _names(desk: Desk, who: Who) -> list[str]:
    found = desk.catalogue.names()
    return found if who.caller is None else [name for name in found if who.caller.may_call(name)]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "scalix"}


ENDPOINTS = (
    *(Endpoint("GET", path, Scope.HOLDER, listed) for path in ("/v1/models", "/models")),
    *(Endpoint("GET", f"{path}/{{model:path}}", Scope.HOLDER, one) for path in ("/v1/models", "/models")),
    *(Endpoint("GET", path, Scope.HOLDER, info) for path in ("/model/info", "/v1/model/info")),
)
