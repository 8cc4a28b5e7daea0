"""The lake: every file read in full, and what it holds compared with the ledger where that is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.integrity.damage import Checked, Damage
from analytics.lake import files as lake_files
from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.lake_reader import LakeReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.folder import Folder
    from scalix.store.ledger import Ledger

_FOLDERS = (*lake_files.LEVELS, lake_files.REPLACED, lake_files.TABLES)


def check_lake(folder: Folder, ledger: Ledger | None = None, note: Callable[[int], None] = lambda _: None) -> Checked:
    """Read every column of every file; with the ledger also find rows that are readable and yet not what it says.

    ``note`` is told of each file's size in bytes as it is done.
    """
    if not folder.lake_views.exists():
        return Checked("lake", skipped="there is none: the hub writes it at its first start")
    damage = []
    files = [path for name in _FOLDERS for path in sorted((folder.lake / name).glob("*.parquet"))]
    for path in files:
        name = str(path.relative_to(folder.root))
        problem = _unreadable(path) or (_different(path, folder, ledger) if ledger else None)
        if problem is not None:
            damage.append(Damage("lake", name, problem))
        note(path.stat().st_size if path.exists() else 0)
    return Checked("lake", {"files": len(files)} | _rows(folder, damage), tuple(damage))


def _unreadable(path: Path) -> str | None:
    try:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                file.read_row_group(number)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, pa.ArrowException) as error:
        return f"cannot be read: {error}"
    return None


def _different(path: Path, folder: Folder, ledger: Ledger) -> str | None:
    """Rows of a published file that the ledger has otherwise. A row that was replaced is in no ledger any more."""
    if path.parent.name not in lake_files.LEVELS:
        return None
    asked: dict[str, object] = {
        "file": str(path.resolve()),
        "replaced": f"{folder.lake.resolve()}/{lake_files.REPLACED}/*.parquet",
    }
    try:
        (rows,) = ledger.read(sqlfiles.text("integrity/different_rows"), asked).row(0)
    except StoreError as error:
        return f"cannot be compared with the ledger: {error}"
    return f"{rows} rows differ from the ledger" if rows else None


def _rows(folder: Folder, damage: list[Damage]) -> dict[str, int]:
    try:
        (rows, repeated) = LakeReader(folder.lake_views).read(sqlfiles.text("integrity/lake_rows")).row(0)
    except StoreError as error:
        damage.append(Damage("lake", str(folder.lake_views.relative_to(folder.root)), str(error)))
        return {}
    if repeated:
        damage.append(Damage("lake", folder.lake.name, f"{repeated} rows can be seen more than once"))
    return {"attempts": rows}
