"""Takes a backup while the hub works, or without one, and verifies it by opening and counting."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.backup.keeping import backups_in
from analytics.backup.manifest import VERSION, BackedUpFile, Manifest, read_manifest, write_manifest
from analytics.backup.sources import opened_sources
from analytics.integrity.control import check_control
from analytics.integrity.damage import Damage
from analytics.integrity.lake import check_lake
from analytics.integrity.segments import check_segments
from analytics.lake.files import TABLES, synchronise
from analytics.lake.tables import write_views
from scalix.errors import StoreError
from scalix.folder import Folder
from scalix.release import release
from scalix.store import migrations
from scalix.store.control_files import copy_control
from scalix.store.ledger import make_private
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from analytics.backup.sources import Source

PARTIAL = ".partial"
"""Ending of a backup that is being made, or was when its process ended."""
_BLOCK = 2**20


@dataclass(frozen=True)
class Backup:
    """A backup that was made. ``damage`` was in what was copied; it is in the backup as it was found."""

    path: Path
    manifest: Manifest
    copied_bytes: int
    """The rest is shared with the backup before, as hard links."""
    damage: tuple[Damage, ...]


def take_backup(
    folder: Folder, into: Path, *, now_us: int, note: Callable[[int, int], None] = lambda _done, _all: None
) -> Backup:
    """Make one more backup in the folder ``into``, named after the moment; ``note`` is told bytes done, bytes in all.

    Raises StoreError when there is nothing to back up, or the disk refuses.
    """
    if not folder.root.is_dir():
        raise StoreError(f"{folder.root} is no Scalix folder: nothing to back up")
    if into.resolve().is_relative_to(folder.root.resolve()):
        raise StoreError(f"{into} lies in the Scalix folder itself: keep backups elsewhere, best on another disk")
    try:
        make_private(into)
        with _alone(into):
            return _taken(folder, into, now_us, note)
    except OSError as error:
        raise StoreError(f"no backup can be made in {into}: {error}") from error


def _taken(folder: Folder, into: Path, now_us: int, note: Callable[[int, int], None]) -> Backup:
    for leftover in into.glob(f"*{PARTIAL}"):
        shutil.rmtree(leftover)
    known = _known_files(into)
    path = into / from_us(now_us).strftime("%Y%m%dT%H%M%S.%fZ")
    partial = path.with_name(path.name + PARTIAL)
    make_private(partial)
    copied = _Copies(partial, known, note)
    with opened_sources(folder) as sources:
        copied.all = sum(source.size for source in sources)
        files = [copied.copy(source) for source in sources]
    files += _control(folder, partial)
    counts, damage = _verified(Folder(partial))
    schema = max(migration.number for migration in migrations.known())
    manifest = Manifest(VERSION, now_us, release(), schema, counts, files)
    write_manifest(partial, manifest)
    # All at the end: the first takes most of the others along.
    for written in (*partial.rglob("*"), partial):
        synchronise(written)
    partial.rename(path)
    _write_views(Folder(path))
    synchronise(into)
    return Backup(path, manifest, copied.bytes, damage)


@dataclass
class _Copies:
    """Copies files into a new backup, or links them to the same ones of an earlier backup."""

    backup: Path
    known: dict[tuple[str, int, int], tuple[Path, BackedUpFile]]
    note: Callable[[int, int], None]
    bytes: int = 0
    all: int = 0
    _done: int = 0

    def copy(self, source: Source) -> BackedUpFile:
        target = self.backup / source.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        same = self.known.get((source.path, source.size, source.modified_ns))
        if same is None or not _linked(same[0] / source.path, same[1].sha256, target):
            digest = self._copied(source, target)
            self.bytes += source.size
        else:
            digest = same[1].sha256
        self._done += source.size
        self.note(self._done, self.all)
        return BackedUpFile(source.path, source.size, digest, source.modified_ns)

    def _copied(self, source: Source, target: Path) -> str:
        digest = hashlib.sha256()
        target.touch(mode=0o600)
        with target.open("wb") as file:
            rest = source.size
            while rest and (block := source.file.read(min(rest, _BLOCK))):
                digest.update(block)
                file.write(block)
                rest -= len(block)
            if rest:
                raise OSError(f"{source.path} ended {rest} bytes early")
        return digest.hexdigest()


def _linked(original: Path, digest: str, target: Path) -> bool:
    """Not where the file system knows no links, and not to a file that is gone or is no longer what it was."""
    try:
        if digest_of(original) != digest:
            return False
        os.link(original, target)
    except OSError:
        return False
    return True


def _known_files(into: Path) -> dict[tuple[str, int, int], tuple[Path, BackedUpFile]]:
    """The files of the latest backup, by path, size and time."""
    for latest in reversed(backups_in(into)):
        try:
            manifest = read_manifest(latest.path)
        except StoreError:
            continue
        return {(file.path, file.bytes, file.modified_ns): (latest.path, file) for file in manifest.files}
    return {}


def _control(folder: Folder, backup: Path) -> list[BackedUpFile]:
    if not folder.control.exists():
        return []
    target = Folder(backup).control
    copy_control(folder.control, target)
    status = target.stat()
    return [BackedUpFile(target.name, status.st_size, digest_of(target), status.st_mtime_ns)]


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verified(backup: Folder) -> tuple[dict[str, int], tuple[Damage, ...]]:
    """Open everything that was copied and count it. The counts are what `restore` has to come to."""
    problem = _write_views(backup)
    checked = [check_lake(backup), check_segments(backup), check_control(backup)]
    lake, lines, control = (one.counted for one in checked)
    counts = {"attempts": lake.get("attempts", 0), "lines": lines.get("lines", 0)}
    counts |= {f"control.{table}": rows for table, rows in control.items()}
    return counts, (*problem, *(damage for one in checked for damage in one.damage))


def _write_views(backup: Folder) -> tuple[Damage, ...]:
    """The backup's lake can be read like any other, where it stands. Before a hub's first start there is none."""
    if not (backup.lake / TABLES).is_dir():
        return ()
    try:
        write_views(backup)
    except StoreError as error:
        # A file that this version reads is not there: the lake is damaged, or an older version wrote it.
        return (Damage("lake", str(backup.lake_views.relative_to(backup.root)), str(error)),)
    return ()


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """Waits for another backup that is being made in the same folder, by the hub perhaps."""
    descriptor = os.open(into / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
