"""The lake's small tables and its file of views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.lake.files import TABLES, written_whole
from scalix.store import sqlfiles
from scalix.store.views import SMALL_TABLES, write_lake_file

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.store.ledger import Ledger


_LONG = {"decisions": "lake/copy_decisions"}
"""Tables of which only the latest rows are published."""


def publish_tables(ledger: Ledger, folder: Folder) -> int:
    """Write every small table anew. Returns how many there are."""
    for table in SMALL_TABLES:
        sql = sqlfiles.text(_LONG.get(table, "lake/copy_table")).replace("{table}", table)
        with (
            ledger.cursor() as cursor,
            written_whole(folder.lake / TABLES / f"{table}.parquet") as path,
        ):
            cursor.execute(sql, {"path": str(path)}).fetchall()
    return len(SMALL_TABLES)


def write_views(folder: Folder) -> None:
    """Write ``lake/scalix.duckdb`` for where the folder stands at this moment."""
    write_lake_file(folder.lake, folder.lake_views)
