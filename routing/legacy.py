"""Legacy mode: one configured provider, and nothing between it and the caller: no routing, no retries, no cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import provider_of

if TYPE_CHECKING:
    from scalix.snapshot import Mode


def only_legacy(mode: Mode, deployments: list[Any]) -> list[Any]:
    """The first deployment of the provider, in legacy mode; all of them otherwise, and where it has none."""
    if mode.mode != "legacy":
        return deployments
    return [one for one in deployments if provider_of(one) == mode.provider][:1] or deployments


def without_routing(arguments: dict[str, Any]) -> dict[str, Any]:
    """A request's arguments with retries, fallbacks and caching switched off."""
    return {
        **arguments,
        "num_retries": 0,
        "fallbacks": [],
        "context_window_fallbacks": [],
        "content_policy_fallbacks": [],
        "caching": False,
        "cache": {"no-cache": True, "no-store": True},
    }
