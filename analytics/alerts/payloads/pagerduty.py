"""Events for PagerDuty, API v2: one incident from the first crossing until it is resolved, by its dedup key.

See https://developer.pagerduty.com/docs/events-api-v2/trigger-events/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.alerts.payloads.summary import Summary

URL = "https://events.pagerduty.com/v2/enqueue"


def events(alerts: list[Summary], routing_key: str, timestamp: str) -> list[dict[str, Any]]:
    """One event for each alert: an event speaks of one incident."""
    return [_event(one, routing_key, timestamp) for one in alerts]


def _event(one: Summary, routing_key: str, timestamp: str) -> dict[str, Any]:
    event = {"routing_key": routing_key, "dedup_key": one.incident}
    if not one.firing:
        return {**event, "event_action": "resolve"}
    payload = {
        "summary": one.title[:1024],
        "source": "scalix",
        "severity": one.severity,
        "timestamp": timestamp,
        "custom_details": dict(one.facts),
    }
    return {**event, "event_action": "trigger", "payload": payload}
