"""The lake's small tables and its file of views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.lake.files import TABLES, written_whole
from analytics.lake.states import write_missing
from scalix.store import sqlfiles
from scalix.store.lake_file import write_lake_file
from scalix.store.views import ROLLUPS, SMALL_TABLES

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.store.ledger import Ledger


_LONG = {"decisions": "lake/copy_decisions"}
"""Tables of which only the latest rows are published."""


def publish_tables(ledger: Ledger, folder: Folder) -> int:
    """Write every small table anew. Returns how many there are."""
    for table in SMALL_TABLES:
        _publish(ledger, folder, table, _LONG.get(table, "lake/copy_table"))
    return len(SMALL_TABLES)


def publish_rollups(ledger: Ledger, folder: Folder) -> int:
    """Write the rollups anew, of minutes the latest. Returns how many there are."""
    for table in ROLLUPS:
        _publish(ledger, folder, table, "lake/copy_recent" if table.endswith("_minute") else "lake/copy_table")
    return len(ROLLUPS)


def _publish(ledger: Ledger, folder: Folder, table: str, query: str) -> None:
    sql = sqlfiles.text(query).replace("{table}", table)
    with (
        ledger.cursor() as cursor,
        written_whole(folder.lake / TABLES / f"{table}.parquet") as path,
    ):
        cursor.execute(sql, {"path": str(path)}).fetchall()


def write_views(folder: Folder) -> None:
    """Write ``lake/scalix.duckdb`` for where the folder stands at this moment."""
    write_missing(folder.lake)
    write_lake_file(folder.lake, folder.lake_views)
