"""Where the running hub of a folder can be reached: ``hub.json``, written at start and removed at a graceful stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.folder import Folder


class HubAddress(msgspec.Struct, frozen=True):
    """One run of a hub. ``token`` lets commands on the same machine read its health; the file is the owner's alone."""

    url: str
    pid: int
    token: str
    version: str
    started_us: int


def address_file(folder: Folder) -> Path:
    """Where the address stands."""
    return folder.root / "hub.json"


def write_address(folder: Folder, address: HubAddress) -> None:
    """Publish the address; it appears whole."""
    path = address_file(folder)
    temporary = path.with_name(path.name + ".tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(msgspec.json.encode(address))
    temporary.replace(path)


def read_address(folder: Folder) -> HubAddress | None:
    """The address of the hub that runs, or ran until it was killed; None when none did, or it cannot be read."""
    try:
        return msgspec.json.decode(address_file(folder).read_bytes(), type=HubAddress)
    except (OSError, msgspec.DecodeError):
        return None
