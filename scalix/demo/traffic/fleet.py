"""The deployments that the traffic can reach, and what goes wrong with them while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scalix.demo.history.workloads import FALLBACKS, GROUPS

if TYPE_CHECKING:
    from scalix.demo.history.workloads import Deployment
    from scalix.demo.providers.process import FakeProviders

TIMEOUT_S = 8.0
"""A machine that is busy with other work needs seconds to take a burst in; who gives up sooner was never seen."""
OUT_AT_FIRST, REFUSED_AT_FIRST = "openai", 12
"""So that requests are rescued also where the machine is too busy to send any within the windows of time below."""
FASTER = 6
"""The fakes are this many times faster than the history's providers, so that the demo does not take a month."""
WIRE_NAMES = {"lm_studio": "lmstudio"}


def router_options(providers: FakeProviders) -> dict[str, Any]:
    """What LiteLLM's Router is made of: the history's deployments, served by the fakes."""
    return {
        "model_list": [
            {
                "model_name": group,
                "litellm_params": _params(deployment, providers),
                "model_info": {"id": deployment.id},
            }
            for group, deployments in GROUPS.items()
            for deployment in deployments
        ],
        "fallbacks": [{group: [fallback]} for group, fallback in FALLBACKS.items()],
        "num_retries": 1,
        "retry_after": 0,
        "timeout": TIMEOUT_S,
        "allowed_fails": 1000,
        "cooldown_time": 0.5,
    }


def _params(deployment: Deployment, providers: FakeProviders) -> dict[str, Any]:
    name = WIRE_NAMES.get(deployment.provider, deployment.provider)
    params = {
        "model": f"{deployment.provider}/{deployment.model}",
        "api_base": providers.api_base(name),
        "api_key": "sk-fake-0123456789",
    }
    return params | ({"api_version": "2024-10-21"} if deployment.provider == "azure" else {})


def set_scene(providers: FakeProviders, seconds: float) -> None:
    """Gives every fake provider its speed, and what goes wrong with it over the length of the run."""
    troubles = _troubles(seconds)
    for deployments in GROUPS.values():
        for deployment in deployments:
            name = WIRE_NAMES.get(deployment.provider, deployment.provider)
            providers.control(name, profile=_pace(deployment) | {"windows": troubles.get(name, [])})
    providers.control(OUT_AT_FIRST, faults=("503",) * REFUSED_AT_FIRST)


def _pace(deployment: Deployment) -> dict[str, float]:
    return {
        "first_token_ms": deployment.first_token_ms / FASTER,
        "per_token_ms": deployment.token_ms / FASTER,
        "error_rate": 0.01,
        "cache_share": 0.4,
    }


def _troubles(seconds: float) -> dict[str, list[dict[str, Any]]]:
    """An outage, a rate-limit storm, timeouts, a brown-out, broken streams, and answers billed but useless."""

    def window(begins: float, ends: float, fault: str, share: float) -> dict[str, Any]:
        return {"start_s": begins * seconds, "end_s": ends * seconds, "fault": fault, "share": share}

    return {
        "openai": [window(0.3, 0.5, "503", 1.0), window(0.5, 0.9, "hang", 0.02)],
        "azure": [window(0.65, 0.75, "429:1", 0.8), window(0.0, 1.0, "misshapen", 0.1)],
        "anthropic": [window(0.0, 1.0, "midstream", 0.04)],
        "gemini": [window(0.5, 0.6, "slow:5", 1.0)],
        "openrouter": [window(0.0, 1.0, "cut", 0.1)],
    }
