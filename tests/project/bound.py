"""What is bound in the project's SQL, and stands in its placeholders, when each file is run by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from analytics.asking.queries import parameters_of
from scalix.times import MICROSECONDS, now, to_us

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = re.compile(r"\$([a-z_]\w*)\b")
_WHERE = re.compile(r"\{([a-z_]+)\}")
END = now()
START = END - timedelta(days=5)
HOUR_US = 3600 * MICROSECONDS
PLACEHOLDERS = {
    "dimension": "provider",
    "judged": "judged_attempts",
    "order": "started_at",
    "rollup": "spend_hour",
    "same_keys": "AND t.model IS NOT DISTINCT FROM c.model",
    "table": "reliability_hour",
    "taken": "rolled_up",
    "view": "decisions",
}
VALUES: dict[str, Any] = {
    **dict.fromkeys(("start", "since", "first", "previous_start", "minutes_at", "hours_at", "days_at"), START),
    **dict.fromkeys(("end", "until", "at", "last", "near", "started_at", "minutes_end", "hours_end", "days_end"), END),
    **dict.fromkeys(("since_us", "first_us", "before_us", "filled_to"), to_us(START)),
    **dict.fromkeys(("until_us", "end_us", "after_us", "now_us", "last_us"), to_us(END)),
    **dict.fromkeys(("rows", "most", "series", "values", "models_named", "suspects"), 5),
    **{name: [] for name in ("providers", "models", "model_groups", "deployments")},
    **{name: [] for name in ("teams", "users", "tags", "statuses", "errors")},
    **dict.fromkeys(("least_us", "least_usd", "name", "request"), None),
    **dict.fromkeys(("provider", "model", "model_group", "deployment", "end_user"), None),
    **dict.fromkeys(("user", "tag", "team", "key", "application"), None),
    "by": "provider",
    "calls": ["00000000-0000-0000-0000-000000000001"],
    **dict.fromkeys(("id", "call_id", "request_id", "trace"), "00000000-0000-0000-0000-000000000001"),
    "measure": "p95_latency",
    "last_good_bin": 100,
    "starts": [START],
    "starts_us": [to_us(START)],
    "seen": 0,
    "seq": 0,
    "width_us": HOUR_US,
}
_LISTS = {name: ["openai"] for name in ("provider", "model", "model_group", "deployment", "team", "user", "key")}
_LISTS |= {name: ["openai"] for name in ("end_user", "application", "tag")}
_VALUES_OF_FILES: dict[str, dict[str, Any]] = {
    "access/spend_report": {"by": "team"},
    "budgets/blocked": {"since": [START], "until": [END]},
    "budgets/spent": _LISTS,
    "reconcile/recorded": {"providers": ["openai", "anthropic"]},
}


def bound(name: str, sql: str, scratch: Path) -> tuple[str, dict[str, Any]]:
    """The SQL of a file with its placeholders filled, and its parameters. Raises KeyError for one without a value."""
    filled = _WHERE.sub(lambda found: PLACEHOLDERS[found[1]], sql)
    declared = {one: default for one, default in parameters_of(sql).items() if default}
    values = {**declared, **VALUES, "path": str(scratch), **_VALUES_OF_FILES.get(name, {})}
    named = dict.fromkeys(_NAMES.findall(re.sub(r"--.*", "", filled)))
    return filled, {one: values[one] for one in named}
