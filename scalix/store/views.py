"""The read views: one text in ``sql/views``, over the ledger's tables in the hub, over Parquet in the lake.

The views stand in schema ``views`` and read schema ``raw``, which alone differs between the two. In the lake they also
stand in ``main``, under the names that people type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalix.store import sqlfiles

if TYPE_CHECKING:
    import duckdb

VIEWS = (
    "attempts",
    "requests",
    "fallbacks",
    "cooldowns",
    "losses",
    "processes",
    "quarantine",
    "jobs",
    "prices",
    "repricings",
    "adjustments",
    "budget_changes",
    "objective_changes",
    "quality_findings",
    "decisions",
    "failovers",
    "spend_daily",
    "reliability_hourly",
    "data_quality",
)
"""In the order in which they build on each other."""
SMALL_TABLES = (
    "fallbacks",
    "cooldowns",
    "processes",
    "losses",
    "quarantine",
    "job_runs",
    "prices",
    "repricings",
    "repricings_done",
    "adjustments",
    "budget_changes",
    "objective_changes",
    "quality_findings",
    "decisions",
)
"""Tables that the lake holds as one file each."""
STATE_TABLES = ("budget_state", "alerts", "episodes", "objective_state")
"""What the hub works out and publishes without keeping it as rows; the lake alone has views of the same names."""
ROLLUPS = (
    *(f"{rollup}_{grain}" for rollup in ("reliability", "requests", "moves") for grain in ("minute", "hour", "day")),
    "spend_hour",
    "spend_day",
)
"""Rollups that the lake holds too, as one file each; of minutes the latest days."""


def define_in_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the views over the ledger's own tables."""
    raw = [sqlfiles.text("ledger/table").replace("{table}", table) for table in ("attempts", *SMALL_TABLES, *ROLLUPS)]
    for statement in (*schemas(), *raw, *shared_views()):
        connection.execute(statement).fetchall()


def shared_views() -> list[str]:
    """The statements that define the views which ledger and lake have in common."""
    return [sqlfiles.text(f"views/{view}") for view in VIEWS]


def schemas() -> tuple[str, str]:
    """The statements that make room for the tables behind the views, and for the views."""
    return "CREATE SCHEMA IF NOT EXISTS raw", "CREATE SCHEMA IF NOT EXISTS views"
