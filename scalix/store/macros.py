"""Defines the SQL macros that queries share. They belong to this version of Scalix, not to the ledger's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalix.store import sqlfiles

if TYPE_CHECKING:
    import duckdb

MACROS = (
    "bin_value",
    "histogram_of",
    "name_by",
    "busiest_models",
    "percentile",
    "count_above",
    "lognormal_p95",
    "passes",
    "counts_toward",
    "costed_attempts",
    "named_attempts",
    "listed_attempts",
    "traced_requests",
    "chained_attempts",
    "request_outcome",
    "ended_requests",
    "hours_and_minutes",
    "ended_stretches",
    "moves",
    "moved_stretches",
    "chosen_attempts",
    "spent_attempts",
    "judged_attempts",
    "judged_requests",
    "chosen_buckets",
    "chosen_singles",
    "chosen_stretches",
    "spending",
    "stale_hours",
    "spend_pieces",
)
"""In the order in which they build on each other."""


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace every macro of ``sql/macros`` in the connection's database."""
    connection.execute("BEGIN").fetchall()
    for macro in MACROS:
        connection.execute(sqlfiles.text(f"macros/{macro}")).fetchall()
    connection.execute("COMMIT").fetchall()
