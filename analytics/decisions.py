"""The read side of the Routing page: what was decided, how requests were shared out, and what routing knows now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.reading import Readable, ledger_here
from analytics.written import with_values
from scalix.snapshot import Mode, read_mode
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters


_RECENT = 200


def recent(filters: Filters, rows: int = _RECENT, ledger: Readable | None = None) -> pl.DataFrame:
    """The latest decisions, newest first.

    Columns: decided_at, model_group, mode, acted, deployment_id, probability, reason, trace_id, decision (JSON).
    Of the filters, the time, model groups and deployments apply.
    """
    return _read("routing/recent", {**filters.parameters(), "rows": rows}, ledger)


def shares(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per stretch of ``filters.bucket`` and deployment: at (UTC), name, decisions, acted, explored."""
    frame = _read("routing/shares", filters.parameters(), ledger)
    return frame.select(
        pl.from_epoch("at_us", time_unit="us").dt.replace_time_zone("UTC").alias("at"), pl.exclude("at_us")
    )


def latest_of_groups(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """The last decision of each model group: model_group, decided_at, decision (JSON)."""
    return _read("routing/latest_of_groups", filters.parameters(), ledger)


def arms(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """Requests acted on and left alone: mode, acted, requests, answered, cost_usd, priced_share, expected_usd."""
    return _read("routing/arms", filters.parameters(), ledger)


def deployments(filters: Filters, ledger: Readable | None = None) -> list[str]:
    """Names of the deployments that were chosen in a span."""
    return _read("routing/deployments_decided", filters.parameters(), ledger)["name"].to_list()


def mode() -> Mode | None:
    """Whether routing acts in the folder of this process' ledger; None where there is no folder."""
    ledger = ledger_here()
    return read_mode(ledger.folder.snapshot) if isinstance(ledger, Ledger) else None


def decided_requests(
    start: datetime, end: datetime, group: str | None, most: int, ledger: Readable | None = None
) -> list[dict[str, object]]:
    """Requests whose first attempt routing chose and acted on, the latest first, and what became of them.

    Keys: decision (JSON), cost_usd (None is unknown), answered, seconds, input_tokens, output_tokens.
    """
    bound = {"start": start, "end": end, "model_groups": [group] if group else [], "most": most}
    return _read("routing/decided_requests", bound, ledger).to_dicts()


def mix(start: datetime, end: datetime, group: str | None, ledger: Readable | None = None) -> dict[str, float]:
    """How many attempts each deployment got in a span."""
    bound: dict[str, object] = {"start": start, "end": end, "model_groups": [group] if group else []}
    rows = _read("routing/mix", bound, ledger).to_dicts()
    return {row["deployment_id"]: float(row["attempts"]) for row in rows}


def readable(query: str, filters: Filters) -> str:
    """What answers `recent`, `shares`, `latest_of_groups` or `arms`, with its values written into it."""
    return with_values(sqlfiles.text(f"routing/{query}"), {**filters.parameters(), "rows": _RECENT})


def _read(query: str, parameters: dict[str, object], ledger: Readable | None) -> pl.DataFrame:
    sql = sqlfiles.text(query)
    return (ledger or ledger_here()).read(sql, {name: one for name, one in parameters.items() if f"${name}" in sql})
