"""Publishing: new rows of the ledger become a file of the lake's lowest level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.lake.files import EMPTY, LEVELS, REPLACED, free_path, published_to, written_whole
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from scalix.store.ledger import Ledger


def publish_new_rows(ledger: Ledger, lake: Path) -> int | None:
    """Write what the ledger has beyond the lake as one file. Returns its last sequence, None when nothing is new.

    All of it in one file, because a replaced sequence holds from the file that brings the replacing row. It is
    written before that file, since readers pass over what holds only beyond the sequence they read up to.
    """
    published = published_to(lake)
    with ledger.transaction() as cursor:
        sql = sqlfiles.text("lake/next_range")
        first, last = cursor.execute(sql, {"published": published}).fetchall()[0]
        if last is None:
            return None
        _publish_replaced(cursor, lake, published, last)
        with written_whole(free_path(lake / LEVELS[0])) as path:
            sql = sqlfiles.text("lake/copy_rows")
            cursor.execute(sql, {"first": first, "last": last, "path": str(path)}).fetchall()
    return int(last)


def write_empty_files(ledger: Ledger, lake: Path) -> None:
    """Zero rows of the right types in every level, so that an empty lake can be read."""
    with ledger.cursor() as cursor:
        for level in LEVELS:
            with written_whole(lake / level / EMPTY) as path:
                cursor.execute(sqlfiles.text("lake/copy_no_rows"), {"path": str(path)}).fetchall()
        with written_whole(lake / REPLACED / EMPTY) as path:
            cursor.execute(sqlfiles.text("lake/copy_no_replaced"), {"path": str(path)}).fetchall()


def _publish_replaced(cursor: duckdb.DuckDBPyConnection, lake: Path, published: int, since: int) -> None:
    known = {"published": published, "known": [str(lake / REPLACED / "*.parquet")]}
    new = cursor.execute(sqlfiles.text("lake/count_new_replaced"), known).fetchall()[0][0]
    if new:
        with written_whole(free_path(lake / REPLACED)) as path:
            sql = sqlfiles.text("lake/copy_new_replaced")
            cursor.execute(sql, {**known, "since": since, "path": str(path)}).fetchall()
