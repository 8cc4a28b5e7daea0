"""``/spend/logs`` and ``/global/spend/report``: what was spent, out of the lake that the hub publishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from analytics.access import keys
from scalix.errors import SettingsError, StoreError
from scalix.gateway.endpoints.route import Endpoint, ForbiddenError, Scope
from scalix.gateway.endpoints.shapes import count, text
from scalix.store import sqlfiles
from scalix.store.lake_reader import read_lake
from scalix.times import now

if TYPE_CHECKING:
    from scalix.gateway.desk import Desk, Who

USUAL_DAYS = 30
USUAL_ROWS, MOST_ROWS = 100, 10_000
GROUPS = {"team": "team", "internal_user_id": "user", "user": "user", "api_key": "key", "customer": "customer"}


def logs(desk: Desk, who: Who, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Attempts, the latest first; with two dates, and unless ``summarize`` is false, sums of each day."""
    start, end = _span(fields)
    bound = {"start": start, "end": end, **_whose(desk, who, fields)}
    dated = "start_date" in fields and "end_date" in fields
    if dated and str(fields.get("summarize")).lower() != "false":
        return _by_day(_read(desk, "spend_report", {**bound, "by": "user"}))
    rows = min(max(count(fields, "limit") or USUAL_ROWS, 1), MOST_ROWS)
    found = _read(desk, "spend_logs", {**bound, "request": text(fields, "request_id"), "rows": rows})
    return [_log(row) for row in found]


def report(desk: Desk, _who: Who, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Spending by day and team, or in total by user, key or end user."""
    by = GROUPS.get(text(fields, "group_by") or "team")
    if by is None:
        raise SettingsError(f"group_by: choose {', '.join(GROUPS)}")
    start, end = _span(fields)
    whose = {"key": text(fields, "api_key"), "user": text(fields, "internal_user_id"), "team": text(fields, "team_id")}
    rows = _read(desk, "spend_report", {"start": start, "end": end, "by": by, **whose})
    return _teams(rows) if by == "team" else _totals(rows, text(fields, "group_by") or "")


def _whose(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, str | None]:
    """Whose calls: as asked, within what one may see. A holder sees the key's own, an admin of a team the team's."""
    asked = text(fields, "api_key")
    key = keys.named(desk.control, asked).id if asked else None
    user, team = text(fields, "user_id"), text(fields, "team_id")
    if who.admin or who.caller is None:
        return {"key": key, "user": user, "team": team}
    own = who.caller.key
    if who.manages is not None and team in {None, who.manages}:
        return {"key": key, "user": user, "team": who.manages}
    if key not in {None, own.id} or user not in {None, own.user_id} or team not in {None, own.team_id}:
        raise ForbiddenError("those are the calls of others")
    return {"key": own.id, "user": None, "team": None}


def _span(fields: dict[str, Any]) -> tuple[datetime, datetime]:
    """From the start of the first day to the end of the last, by default the last thirty."""
    end = _day(fields, "end_date")
    end = now() if end is None else end + timedelta(days=1)
    start = _day(fields, "start_date") or end - timedelta(days=USUAL_DAYS)
    if start >= end:
        raise SettingsError("start_date must not be after end_date")
    return start, end


def _day(fields: dict[str, Any], name: str) -> datetime | None:
    given = text(fields, name)
    if given is None:
        return None
    try:
        return datetime.strptime(given[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise SettingsError(f"{name} {given}: write it as 2026-11-30") from error


def _read(desk: Desk, query: str, bound: dict[str, Any]) -> list[dict[str, Any]]:
    if not desk.folder.lake_views.exists():
        raise StoreError("spending is told by the hub, which has not run in this folder yet: start it with `scalix up`")
    return read_lake(desk.folder.lake_views, sqlfiles.text(f"access/{query}"), bound)


def _log(row: dict[str, Any]) -> dict[str, Any]:
    tokens, prompt = row["total_tokens"], row["prompt_tokens"]
    return {
        "request_id": row["request_id"],
        "api_key": row["key_hash"],
        "user": row["user_id"],
        "team_id": row["team_id"],
        "spend": None if row["cost_usd"] is None else float(row["cost_usd"]),
        "cost_source": row["cost_source"],
        "total_tokens": tokens,
        "prompt_tokens": prompt,
        "completion_tokens": None if tokens is None else tokens - prompt,
        "startTime": _iso(row["started_at"]),
        "endTime": _iso(row["ended_at"]),
        "model": row["served_model"] or row["model"],
        "model_group": row["model_group"],
        "custom_llm_provider": row["provider"],
        "call_type": row["call_type"],
        "cache_hit": row["cache_hit"],
        "request_tags": row["tags"] or [],
        "status": row["status"],
        "error_kind": row["error_kind"],
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _by_day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    days = []
    for day, mine in groupby(rows, key=lambda row: row["day"]):
        found = list(mine)
        days.append(
            {
                "startTime": f"{day:%F}",
                "spend": _sum(found),
                "users": {name: _sum(of) for name, of in _grouped(found, "name")},
                "models": {name: _sum(of) for name, of in _grouped(found, "model")},
                "unpriced": sum(row["unpriced"] for row in found),
            }
        )
    return days


def _teams(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "group_by_day": day.replace(tzinfo=UTC).isoformat(),
            "teams": [
                {"team_name": name, "total_spend": _sum(found), "metadata": [_model(row) for row in found]}
                for name, found in _grouped(list(mine), "name")
            ],
        }
        for day, mine in groupby(rows, key=lambda row: row["day"])
    ]


def _totals(rows: list[dict[str, Any]], group: str) -> list[dict[str, Any]]:
    totals = []
    for name, found in _grouped(rows, "name"):
        output = sum(row["output_tokens"] or 0 for row in found)
        totals.append(
            {
                group: name,
                "total_cost": _sum(found),
                "total_input_tokens": sum(row["tokens"] or 0 for row in found) - output,
                "total_output_tokens": output,
                "unpriced": sum(row["unpriced"] for row in found),
                "model_details": [{"model": model, "total_cost": _sum(of)} for model, of in _grouped(found, "model")],
            }
        )
    return totals


def _model(row: dict[str, Any]) -> dict[str, Any]:
    return {"model": row["model"], "spend": float(row["cost_usd"] or 0), "total_tokens": row["tokens"]}


def _grouped(rows: list[dict[str, Any]], column: str) -> list[tuple[str | None, list[dict[str, Any]]]]:
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return list(found.items())


def _sum(rows: list[dict[str, Any]]) -> float:
    return float(sum(row["cost_usd"] or 0 for row in rows))


ENDPOINTS = (
    Endpoint("GET", "/spend/logs", Scope.HOLDER, logs),
    Endpoint("GET", "/global/spend/report", Scope.ADMIN, report),
)
