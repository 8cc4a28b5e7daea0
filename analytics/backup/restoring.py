"""Puts a backup back in place, together with the segments that are there still, and rebuilds the ledger from both."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.backup.keeping import backups_in
from analytics.backup.manifest import FILE_NAME, read_manifest
from analytics.backup.sources import PEPPER
from analytics.backup.taking import digest_of
from analytics.intake import archive
from analytics.intake.ingest import ingest_once
from analytics.rebuild import open_or_rebuild
from scalix.errors import StoreError
from scalix.store.control_files import set_control_aside
from scalix.store.ledger import Ledger, LedgerDamagedError, make_private
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analytics.backup.manifest import BackedUpFile, Manifest
    from scalix.folder import Folder


@dataclass(frozen=True)
class Restored:
    """What became of a restore."""

    backup: Path
    manifest: Manifest
    attempts: int
    set_aside: tuple[Path, ...]
    """What stood there before; remove it once all is well."""
    left_out: tuple[str, ...]
    """Files of the backup that were damaged and therefore not put back."""


def restore_backup(
    source: Path,
    folder: Folder,
    *,
    now_us: int,
    damaged_too: bool = False,
    note: Callable[[int, int], None] = lambda _done, _all: None,
) -> Restored:
    """Restore one backup, or the newest of a folder of backups. ``note`` is told of files done, files in all.

    What stands in the folder is set aside, its spool and archive apart: what they hold beyond the backup is taken in
    again. With ``damaged_too`` a backup with damaged files is restored without those. Raises StoreError when the
    source is no backup, is damaged, or a hub holds the folder.
    """
    backup = chosen_backup(source)
    manifest = read_manifest(backup)
    damaged = damaged_files(backup, manifest)
    if damaged and not damaged_too:
        raise StoreError(
            f"{backup} is damaged: {', '.join(damaged)}; restore another backup, or this one without "
            "these files with --damaged-too"
        )
    _refuse_while_held(folder)
    aside = _set_aside(folder, f"before-restore-{from_us(now_us):%Y%m%dT%H%M%S.%fZ}")
    try:
        for done, file in enumerate(manifest.files, 1):
            if file.path not in damaged:
                _put_back(backup, folder, file)
            note(done, len(manifest.files))
    except OSError as error:
        raise StoreError(f"{backup} cannot be copied to {folder.root}: {error}; what was there is {aside}") from error
    return Restored(backup, manifest, _rebuild(folder, now_us), aside, tuple(damaged))


def chosen_backup(source: Path) -> Path:
    """The backup itself, or the newest in the folder. Raises StoreError when there is none."""
    if (source / FILE_NAME).exists():
        return source
    found = backups_in(source)
    if not found:
        raise StoreError(f"{source} is no backup and holds none: name a folder that `scalix backup` wrote to")
    return found[-1].path


def damaged_files(backup: Path, manifest: Manifest) -> list[str]:
    """The files that are missing or are not what they were."""
    return [file.path for file in manifest.files if not _is_whole(backup / file.path, file)]


def _is_whole(path: Path, file: BackedUpFile) -> bool:
    try:
        return path.stat().st_size == file.bytes and digest_of(path) == file.sha256
    except OSError:
        return False


def _refuse_while_held(folder: Folder) -> None:
    """A ledger that another process holds raises; a damaged one is what restoring is for."""
    if folder.ledger.is_file():
        with suppress(LedgerDamagedError):
            Ledger.open(folder).close()


def _set_aside(folder: Folder, ending: str) -> tuple[Path, ...]:
    make_private(folder.root)
    moved = [
        path.rename(path.with_name(f"{path.name}.{ending}"))
        for path in (folder.ledger, folder.ledger.with_name(folder.ledger.name + ".wal"), folder.lake)
        if path.exists()
    ]
    return (*moved, *set_control_aside(folder.control, ending))


def _put_back(backup: Path, folder: Folder, file: BackedUpFile) -> None:
    """What was set aside comes from the backup; of the rest, what is there stays unless it is the shorter one.

    The pepper goes with the digests of the keys, so it is the backup's as they are.
    """
    target = folder.root / file.path
    kept = target.exists() and target.stat().st_size >= file.bytes and target.name != PEPPER
    if kept or (target.parent == folder.spool and _archived_since(folder, target.name, file.bytes)):
        return
    make_private(target.parent)
    temporary = target.with_name(target.name + ".tmp")
    shutil.copyfile(backup / file.path, temporary)
    temporary.chmod(0o600)
    temporary.replace(target)


def _archived_since(folder: Folder, name: str, size: int) -> bool:
    return any(archive.origin(path)[1] >= size for path in folder.archive.glob(f"{name}.*{archive.SUFFIX}"))


def _rebuild(folder: Folder, now_us: int) -> int:
    """The ledger from the lake, then everything that segments hold beyond it. Returns the attempts there are."""
    ledger, _ = open_or_rebuild(folder, now_us=now_us)
    try:
        while (report := ingest_once(ledger, folder, now_us=now_us)).lines:
            if not report.lag_bytes:
                break
        return int(ledger.read("SELECT count(*) FROM attempts").item())
    finally:
        ledger.close()
