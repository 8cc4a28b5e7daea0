"""What the hub works out but keeps nowhere as rows, published: how budgets, objectives, alerts and episodes stand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics.budgets.shelf import all_budgets
from analytics.budgets.state import states_of
from analytics.filters import Filters
from analytics.lake.files import TABLES, written_whole
from analytics.objectives.state import objective_states
from analytics.reliability.episodes import episodes
from scalix.store.tables.alerts import alerts
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from analytics.budgets.state import BudgetState
    from analytics.objectives.state import ObjectiveState
    from scalix.folder import Folder
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger

EPISODES_OF = timedelta(days=30)
_MOMENT = pl.Datetime("us", "UTC")
_EXACT = pl.Decimal(38, 12)
_SCOPE = pl.List(pl.Struct({"dimension": pl.String, "value": pl.String}))
_BURN = {
    "time_window": pl.String,
    "factor": pl.Float64,
    "rate": pl.Float64,
    "short_rate": pl.Float64,
    "status": pl.String,
}
SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "budget_state": {
        "budget": pl.String,
        "scope": _SCOPE,
        "time_window": pl.String,
        "window_start": _MOMENT,
        "window_end": _MOMENT,
        "amount_usd": _EXACT,
        "spent_usd": _EXACT,
        "open_usd": _EXACT,
        "left_usd": _EXACT,
        "share": pl.Float64,
        "burn_rate": pl.Float64,
        "attempts": pl.Int64,
        "unpriced": pl.Int64,
        "crossed_percent": pl.List(pl.Int64),
        "computed_at": _MOMENT,
    },
    "alerts": {
        "rule": pl.String,
        "subject": pl.String,
        "threshold": pl.String,
        "state": pl.String,
        "window_start": _MOMENT,
        "since": _MOMENT,
        "tellings": pl.Int64,
        "told_at": _MOMENT,
    },
    "episodes": {
        "provider": pl.String,
        "deployment": pl.String,
        "kind": pl.String,
        "started_at": _MOMENT,
        "detected_at": _MOMENT,
        "ended_at": _MOMENT,
        "attempts": pl.Int64,
        "provider_errors": pl.Int64,
        "depth": pl.Float64,
        "cause": pl.String,
    },
    "objective_state": {
        "objective": pl.String,
        "measure": pl.String,
        "target": _EXACT,
        "scope": _SCOPE,
        "time_window": pl.String,
        "window_start": _MOMENT,
        "state": pl.String,
        "events": pl.Int64,
        "bad_events": pl.Int64,
        "measured": pl.Float64,
        "budget_left": pl.Float64,
        "burn_rates": pl.List(pl.Struct(_BURN)),
        "computed_at": _MOMENT,
    },
}
"""The columns of each of these tables. No address or secret of a channel is among them: everybody may read the lake."""


def publish_states(ledger: Ledger, control: ControlStore, folder: Folder, at: datetime) -> int:
    """Write budgets and alerts as they stand now. Returns how many rows."""
    budgets = [_budget(one) for one in states_of(all_budgets(control), ledger, at)]
    return _write(folder.lake, "budget_state", budgets) + _write(folder.lake, "alerts", _alerts(control))


def publish_episodes(ledger: Ledger, folder: Folder, at: datetime) -> int:
    """Write the episodes of the last days. Returns how many."""
    found = episodes(Filters(at - EPISODES_OF, at), ledger)
    return _write(
        folder.lake, "episodes", [{name: getattr(one, name) for name in SCHEMAS["episodes"]} for one in found]
    )


def publish_objectives(ledger: Ledger, control: ControlStore, folder: Folder, at: datetime) -> int:
    """Write objectives as they stand now. Returns how many."""
    return _write(
        folder.lake, "objective_state", [_objective(one) for one in objective_states(ledger, control, to_us(at))]
    )


def write_missing(lake: Path) -> None:
    """Give each of these tables its columns before there is anything in it, so that the views over them hold.

    One that cannot be read is as good as missing: it is worked out again.
    """
    for name in SCHEMAS:
        if not _is_readable(lake / TABLES / f"{name}.parquet"):
            _write(lake, name, [])


def _is_readable(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def _write(lake: Path, name: str, rows: list[dict[str, object]]) -> int:
    with written_whole(lake / TABLES / f"{name}.parquet") as path:
        pl.DataFrame(rows, schema=SCHEMAS[name]).write_parquet(path)
    return len(rows)


def _budget(state: BudgetState) -> dict[str, object]:
    return {
        "budget": state.budget.name,
        "scope": _scope(state.budget.scope),
        "time_window": state.budget.window,
        "window_start": state.start,
        "window_end": state.end,
        "amount_usd": Decimal(state.budget.amount_usd),
        "spent_usd": state.spent_usd,
        "open_usd": state.open_usd,
        "left_usd": state.left_usd,
        "share": float(state.share),
        "burn_rate": state.burn_rate,
        "attempts": state.spent.attempts,
        "unpriced": state.unpriced,
        "crossed_percent": [one.percent for one in state.crossed],
        "computed_at": state.at,
    }


def _objective(state: ObjectiveState) -> dict[str, object]:
    return {
        "objective": state.objective.name,
        "measure": state.objective.measure,
        "target": state.objective.target,
        "scope": _scope(state.objective.scope),
        "time_window": state.window,
        "window_start": state.start,
        "state": state.status,
        "events": state.events,
        "bad_events": state.bad,
        "measured": state.value,
        "budget_left": state.budget_left,
        "burn_rates": [
            {
                "time_window": burn.pair.name,
                "factor": burn.factor,
                "rate": burn.long_rate,
                "short_rate": burn.short_rate,
                "status": burn.status,
            }
            for burn in state.burns
        ],
        "computed_at": state.at,
    }


def _scope(scope: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"dimension": name, "value": value} for name, value in sorted(scope.items())]


def _alerts(control: ControlStore) -> list[dict[str, object]]:
    with control.transaction() as connection:
        rows = connection.execute(sa.select(alerts)).mappings().all()
    return [
        {
            **{name: row[name] for name in ("rule", "subject", "threshold", "state", "tellings")},
            "window_start": from_us(row["window_us"]),
            "since": from_us(row["since_us"]),
            "told_at": None if row["told_us"] is None else from_us(row["told_us"]),
        }
        for row in rows
    ]
