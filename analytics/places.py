"""Where things lie and whether they lie safely: file systems, permissions, and which file each package comes from."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from collector import native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.folder import Folder

PACKAGES = ("scalix", "collector", "analytics", "routing", "dashboard")
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.s3fs"}
)
"""Where locks and appends of several machines cannot be relied on."""
MOUNTS = Path("/proc/self/mountinfo")


def package_files() -> dict[str, str | None]:
    """Which file each package of ours is loaded from; None when it is not found."""
    specs = {name: find_spec(name) for name in PACKAGES}
    return {name: spec.origin if spec else None for name, spec in specs.items()}


def loaded_files() -> dict[str, str | None]:
    """The same and the collector's compiled module, or what it means that there is none."""
    return package_files() | {
        "collector.native.ordinary": native.ordinary.__file__
        if native.COMPILED
        else "not compiled: hooks take twice the time"
    }


def shadowed_packages() -> list[str]:
    """Problems with packages: one that is missing, or that comes from somewhere else than the rest."""
    files = package_files()
    own = files["scalix"]
    roots = {Path(own).parents[1], Path(own).parent / "_parts"} if own else set()
    return [
        f"package {name} is loaded from {file}, not from beside {own}: another package of that name comes first"
        for name, file in files.items()
        if file is None or Path(file).parents[1] not in roots
    ]


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """The type of the network file system that holds this path; None for a local one, or where it cannot be told."""
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(encoding="utf-8")
        except OSError:
            return None
    resolved = path.resolve()
    holding = [(point, kind) for point, kind in _mounted(mounts) if resolved.is_relative_to(point)]
    _, kind = max(holding, key=lambda entry: len(entry[0].parts), default=(Path("/"), ""))
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def place_problems(folder: Folder) -> list[str]:
    """What is wrong with the folder itself."""
    problems = []
    kind = network_file_system(folder.spool)
    if kind is not None:
        problems.append(
            f"the spool {folder.spool} lies on a network file system ({kind}), where locks do not hold: "
            "keep it on a local disk and send it with `scalix ship --to URL`"
        )
    if folder.root.exists() and folder.root.stat().st_mode & 0o077:
        problems.append(f"{folder.root} can be entered by other users: chmod 700 {folder.root}")
    if folder.spool.exists() and not os.access(folder.spool, os.W_OK | os.X_OK):
        problems.append(f"the spool {folder.spool} cannot be written by this user: collectors lose what they record")
    return problems


def spool_bytes(folder: Folder) -> int:
    """Bytes in the spool's segments, read or not."""
    return sum(path.stat().st_size for path in folder.spool.glob("*.seg"))


def _mounted(mounts: str) -> Iterator[tuple[Path, str]]:
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if separator and len(fields) > 4:  # noqa: PLR2004 - the fifth field of mountinfo is the mount point
            yield Path(fields[4].replace("\\040", " ")), after.split()[0]
