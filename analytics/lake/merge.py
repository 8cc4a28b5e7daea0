"""Merging: files of one level become one file of the level above, and are emptied once no query can need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.lake.files import (
    LEVELS,
    REPLACED,
    LakeFile,
    free_path,
    level_files,
    published_to,
    settled_to,
    written_whole,
)
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.store.ledger import Ledger


def waiting(lake: Path, level: str) -> list[LakeFile]:
    """Files of a level that readers count on and that no file above covers yet."""
    above = LEVELS[LEVELS.index(level) + 1 :]
    covered = max(settled_to(lake, *above), *(file.last for upper in above for file in level_files(lake, upper)), -1)
    settled = settled_to(lake, level)
    return [file for file in level_files(lake, level) if file.first > covered and file.last <= settled]


def merge(ledger: Ledger, lake: Path, level: str, *, applied: int) -> int | None:
    """Merge a level's waiting files into one of the level above. Returns its last sequence, None without any.

    ``applied`` is the sequence up to which every reader has long counted: rows replaced by then are left behind.
    """
    files = waiting(lake, level)
    if not files:
        return None
    upper = LEVELS[LEVELS.index(level) + 1]
    bound = {
        "files": [str(file.path) for file in files],
        "replaced": [str(lake / REPLACED / "*.parquet")],
        "applied": applied,
    }
    with (
        ledger.cursor() as cursor,
        written_whole(free_path(lake / upper)) as path,
    ):
        cursor.execute(sqlfiles.text("lake/merge_rows"), {**bound, "path": str(path)}).fetchall()
    return files[-1].last


def covered_files(lake: Path) -> list[Path]:
    """Files that readers pass over, because a settled level above covers them."""
    return [
        file.path
        for number, level in enumerate(LEVELS[:-1])
        for settled in [settled_to(lake, *LEVELS[number + 1 :])]
        for file in level_files(lake, level)
        if file.last <= settled
    ]


def tidy_replaced(ledger: Ledger, lake: Path) -> list[Path]:
    """Keep only the replaced sequences whose row still stands in some file. Returns the files made superfluous.

    The ledger forgets first: an entry that stands twice does no harm, one that is told again would have no row.
    """
    old = [file.path for file in level_files(lake, REPLACED)]
    if not old:
        return []
    files = [str(lake / level / "*.parquet") for level in LEVELS]
    with ledger.transaction() as cursor:
        bound = {"published": published_to(lake), "files": files}
        cursor.execute(sqlfiles.text("lake/forget_replaced"), bound).fetchall()
    with ledger.cursor() as cursor, written_whole(free_path(lake / REPLACED)) as path:
        merged = {"replaced": [str(file) for file in old], "files": files, "path": str(path)}
        cursor.execute(sqlfiles.text("lake/merge_replaced"), merged).fetchall()
    return old
