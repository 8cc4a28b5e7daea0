"""Messages in the shape of LiteLLM's budget webhooks, for receivers that were written for those.

See https://docs.litellm.ai/docs/proxy/alerting#api-spec-for-webhook-event. What Scalix does not know is null.
"""

from __future__ import annotations

from typing import Any

_GROUPS = {"end_user": "customer", "user": "internal_user", "key": "key", "team": "team"}


def events(message: dict[str, Any]) -> list[dict[str, Any]]:
    """One event for each alert of a message."""
    data = message["data"]
    return [_event(message["type"], one) for one in data.get("alerts", [data])]


def _event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    budget = data.get("budget", {})
    scope = budget.get("scope") or {}
    spent, amount = budget.get("spent_usd"), budget.get("amount_usd")
    whole = spent is not None and float(spent) >= float(amount)
    return {
        "spend": None if spent is None else float(spent),
        "max_budget": None if amount is None else float(amount),
        "token": None,
        "customer_id": scope.get("end_user"),
        "user_id": scope.get("user"),
        "team_id": scope.get("team"),
        "user_email": None,
        "key_alias": scope.get("key"),
        "projected_exceeded_date": None,
        "projected_spend": None,
        "event": "budget_crossed" if whole else "threshold_crossed",
        "event_group": next((group for name, group in _GROUPS.items() if name in scope), "proxy"),
        "event_message": f"{kind}: {data.get('subject') or data.get('channel')} {data.get('threshold', '')}".strip(),
    }
