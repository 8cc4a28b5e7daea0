"""What a damaged lake still holds is taken over file by file; the files that cannot be read are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.intake.attempts import next_seq
from analytics.lake import files as lake_files
from scalix.errors import StoreError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scalix.store.ledger import Ledger


def salvage_lake(ledger: Ledger, small_tables: Iterable[str]) -> tuple[int, list[Path]]:
    """Take over all readable rows beyond the ledger's last; returns how many, and the files that are damaged."""
    lake = ledger.folder.lake.resolve()
    with ledger.cursor() as cursor:
        last = next_seq(cursor) - 1
    damaged = [
        path
        for level in reversed(lake_files.LEVELS)
        for path in sorted((lake / level).glob("part-*.parquet"))
        if not _taken(ledger, sqlfiles.text("rebuild/attempts_of_file"), path, {"last": last})
    ]
    for table in small_tables:
        path = lake / lake_files.TABLES / f"{table}.parquet"
        if path.exists() and not _taken(ledger, _small_table(table), path, {}):
            damaged.append(path)
    damaged += [
        path
        for path in sorted((lake / lake_files.REPLACED).glob("*.parquet"))
        if not _taken(ledger, sqlfiles.text("rebuild/drop_replaced_of_file"), path, {"last": last})
    ]
    with ledger.transaction() as cursor:
        # Where the list of replaced rows is damaged, the later row of an attempt is the one that holds.
        cursor.execute(sqlfiles.text("rebuild/drop_earlier_rows"), {"last": last}).fetchall()
        ((rows,),) = cursor.execute("SELECT count(*) FROM attempts WHERE seq > ?", [last]).fetchall()
    return int(rows), damaged


def _small_table(table: str) -> str:
    return sqlfiles.text("rebuild/small_table").replace("{table}", table)


def _taken(ledger: Ledger, sql: str, path: Path, bound: dict[str, object]) -> bool:
    try:
        with ledger.transaction() as cursor:
            cursor.execute(sql, {"file": str(path), **bound}).fetchall()
    except StoreError:
        return False
    return True
