"""`scalix doctor`: asks the running hub, or looks for itself when there is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from analytics.health import without_hub
from scalix.hub.address import read_address
from scalix.hub.asking import asked
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from scalix.folder import Folder

TIMEOUT_S = 10


def examine(folder: Folder) -> dict[str, Any]:
    """The health of this folder's installation, as `analytics.health.Health` has it."""
    address = read_address(folder)
    if address is None:
        return without_hub(folder, "the hub is not running: start it with `scalix up`").as_dict()
    try:
        found: dict[str, Any] = json.loads(asked(address, "/v1/health", timeout_s=TIMEOUT_S))
    except (httpx.HTTPError, ValueError) as error:
        reason = f"the hub at {address.url} (process {address.pid}) does not answer: {error}; see its log, or start it"
        return without_hub(folder, reason).as_dict()
    return found


def report(health: dict[str, Any]) -> str:
    """The same for people."""
    lines = ["healthy" if health["healthy"] else "NOT healthy"]
    lines += [f"  problem: {problem}" for problem in health["problems"]]
    lines += [f"  set aside: {name}" for name in health.get("set_aside", ())]
    for part in ("folder", "spool", "data", "lake", "packages"):
        lines.append(part)
        lines += [f"  {name}: {_shown(name, value)}" for name, value in health[part].items()]
    lines.append("jobs")
    lines += [
        f"  {job['job']}: last {_shown('started_us', job['started_us'])}, {job['failures']} failed in the last day"
        for job in health["jobs"]
    ]
    return "\n".join(lines)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name in {"started_us", "last_ingest_us", "newest_attempt_us", "oldest_open_us"}:
        return datetime.fromtimestamp(value / MICROSECONDS, UTC).isoformat(timespec="seconds")
    return str(value)
