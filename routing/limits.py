"""Budgets that have been reached, as far as they speak of deployments; those of people are the gateway's to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalix.snapshot import BudgetLimit


def blocking(limits: Sequence[BudgetLimit], group: str, deployment: Any) -> str | None:
    """The name of a budget that forbids this deployment."""
    return _first(limits, "block", group, deployment)


def degrading(limits: Sequence[BudgetLimit], group: str, deployment: Any) -> str | None:
    """The name of a budget under which the cheapest should be taken."""
    return _first(limits, "degrade", group, deployment)


def _first(limits: Sequence[BudgetLimit], action: str, group: str, deployment: Any) -> str | None:
    wanted = [limit for limit in limits if limit.action == action]
    if not wanted:
        return None
    facts = _facts(group, deployment)
    return next((limit.name for limit in wanted if all(facts.get(k) == v for k, v in limit.scope.items())), None)


def _facts(group: str, deployment: Any) -> dict[str, str]:
    prefix, slash, rest = str((deployment.get("litellm_params") or {}).get("model") or "").partition("/")
    return {
        "provider": provider_of(deployment),
        "model": rest if slash else prefix,
        "model_group": group,
        "deployment": str((deployment.get("model_info") or {}).get("id") or ""),
    }


def provider_of(deployment: Any) -> str:
    """LiteLLM's name of a deployment's provider; empty when it does not say."""
    params = deployment.get("litellm_params") or {}
    prefix, slash, _ = str(params.get("model") or "").partition("/")
    return str(params.get("custom_llm_provider") or (prefix if slash else ""))
