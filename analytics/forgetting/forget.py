"""Takes one person out of the ledger, the segments, the lake and the control store, while no hub runs."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from analytics.forgetting.segments import CONTENT, IDENTITY, forget_in_archive, forget_in_spool
from analytics.lake.files import LEVELS, emptied_files, shrink, written_whole
from scalix.store import sqlfiles
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.store.rewriting import change_database, change_parquet, mentions_in_parquet
from scalix.store.rewriting_control import change_control

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from analytics.forgetting.names import Person
    from scalix.folder import Folder


def forget(folder: Folder, person: Person, *, erase: bool) -> dict[str, int]:
    """Put the pseudonym in place of the name everywhere; with ``erase``, attempts are nobody's afterwards.

    What the person said, was answered and sent along goes either way; what the calls cost stays. Returns how many
    values or lines changed by store. Raises LedgerLockedError while a hub runs, and StoreError.
    """
    with closing(Ledger.open(folder)) as ledger:
        found = ledger.read(sqlfiles.text("forgetting/calls_of"), {"name": person.name})
        calls = set(found.to_series().to_list())
    ways = [(folder.spool, "*.seg", forget_in_spool), (folder.archive, "*.zst", forget_in_archive)]
    lines = sum(
        way(path, person, calls, erase=erase) for place, pattern, way in ways for path in sorted(place.glob(pattern))
    )
    lake = sum(_forget_in_file(path, person, erase=erase) for path in sorted(folder.lake.rglob("*.parquet")))
    for path in emptied_files(folder.lake):
        shrink(path)
    return {
        "ledger": _forget_in_ledger(folder, person, erase=erase),
        "segments": lines,
        "lake": lake,
        "control": _forget_in_control(folder, person),
    }


def _forget_in_ledger(folder: Folder, person: Person, *, erase: bool) -> int:
    def first(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(sqlfiles.text("forgetting/drop_lines"), {"text": person.name}).fetchall()
        clear, asked = sqlfiles.text("forgetting/clear_content"), {"name": person.name, "erase": erase}
        for table in ("attempts", "attempt_events"):
            connection.execute(clear.replace("{table}", table), asked).fetchall()

    return change_database(folder.ledger, person.name, person.hide_text, first)


def _forget_in_file(path: Path, person: Person, *, erase: bool) -> int:
    if not any(person.is_in(value.encode()) for value in mentions_in_parquet(path, person.name)):
        return 0
    theirs = " OR ".join(f"{name} IS NOT DISTINCT FROM $text" for name in IDENTITY)
    cleared = {name: f"CASE WHEN {theirs} THEN NULL ELSE {name} END" for name in CONTENT}
    if erase:
        cleared |= {name: f"nullif({name}, $text)" for name in IDENTITY}
    with written_whole(path) as target:
        return change_parquet(path, target, person.name, person.hide_text, cleared if _is_of_attempts(path) else {})


def _is_of_attempts(path: Path) -> bool:
    return path.parent.name in LEVELS


def _forget_in_control(folder: Folder, person: Person) -> int:
    for copy in folder.root.glob("control.copy*"):
        copy.unlink()
    with closing(ControlStore.in_folder(folder)) as control:
        return change_control(control, person.name, person.hide_text)
