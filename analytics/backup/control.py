"""Opens the control store whatever state it was left in, and keeps the copy from which a damaged one is put back."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.backup.keeping import backups_in
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.control_files import SIDE_FILES, copy_control, damage_of, set_control_aside
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ControlReport:
    """What was set aside, and which copy took its place; None when there was no sound one."""

    reason: str
    set_aside: tuple[Path, ...]
    restored_from: Path | None


def open_or_restore(
    folder: Folder, *, now_us: int, backups: Path | None = None
) -> tuple[ControlStore, ControlReport | None]:
    """Open the control store; one that is damaged or gone is replaced by the newest sound copy, with a report.

    Copies are the hub's own, then those in the folder of ``backups``. Budgets changed since are facts in the ledger:
    `analytics.budgets.shelf.catch_up` brings them in.
    """
    reason = _reason(folder)
    if reason is None:
        return ControlStore.in_folder(folder), None
    aside = set_control_aside(folder.control, f"damaged-{from_us(now_us):%Y%m%dT%H%M%S.%fZ}")
    restored = next((path for path in _copies(folder, backups) if damage_of(path) is None), None)
    if restored is not None:
        shutil.copyfile(restored, folder.control)
        folder.control.chmod(0o600)
    names = ", ".join(path.name for path in aside) or "nothing"
    _log.warning("the control store: %s; set aside: %s; put back from: %s", reason, names, restored or "nothing")
    return ControlStore.in_folder(folder), ControlReport(reason, aside, restored)


def keep_copy(folder: Folder) -> int:
    """Bring the hub's own copy up to date; returns 1 when the store had changed. Raises StoreError."""
    if _newest_ns(folder) <= _modified_ns(copy_of(folder)):
        return 0
    copy_control(folder.control, copy_of(folder))
    return 1


def copy_of(folder: Folder) -> Path:
    """The hub's own copy of the control store."""
    return folder.control.with_name("control.copy.sqlite")


def _reason(folder: Folder) -> str | None:
    if folder.control.is_file():
        return damage_of(folder.control)
    if folder.control.exists():
        return f"{folder.control} is no file"
    return f"{folder.control} is gone" if copy_of(folder).exists() else None


def _copies(folder: Folder, backups: Path | None) -> Iterator[Path]:
    candidates = [copy_of(folder)]
    if backups is not None:
        candidates += [Folder(kept.path).control for kept in reversed(backups_in(backups))]
    return (path for path in candidates if path.is_file())


def _newest_ns(folder: Folder) -> int:
    return max(_modified_ns(folder.control.with_name(folder.control.name + side)) for side in SIDE_FILES[:2])


def _modified_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return -1
