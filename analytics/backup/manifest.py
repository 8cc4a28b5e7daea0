"""What a backup holds: its files with their digests, and what was counted in them. It is written last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analytics.state_files import replace_file
from scalix.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "backup.json"
VERSION = 1


class BackedUpFile(msgspec.Struct, frozen=True):
    """One file. ``path`` is relative to the backup and to the Scalix folder alike, ``sha256`` is in hex."""

    path: str
    bytes: int
    sha256: str
    modified_ns: int
    """When the original was last written: with path and size it tells an unchanged file from a new one."""


class Manifest(msgspec.Struct, frozen=True):
    """One whole backup."""

    version: int
    made_us: int
    scalix: str
    schema: int
    """The newest migration that this version of Scalix knows."""
    counts: dict[str, int]
    """Attempts in the lake, lines in segments, and rows of the control store's tables as ``control.TABLE``."""
    files: list[BackedUpFile]

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


def write_manifest(backup: Path, manifest: Manifest) -> None:
    """Make the folder a backup: from now on it counts as whole."""
    replace_file(backup / FILE_NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def read_manifest(backup: Path) -> Manifest:
    """The manifest of a backup. Raises StoreError when the folder is none, or a newer version made it."""
    path = backup / FILE_NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise StoreError(f"{backup} is no backup: it has no {FILE_NAME}") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(f"{path} cannot be read: {error}; use another backup") from error
    if manifest.version > VERSION:
        raise StoreError(f"{backup} was made by Scalix {manifest.scalix}: upgrade scalix to restore it")
    return manifest
