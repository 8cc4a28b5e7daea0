"""Where the gateway of a folder can be reached: ``gateway.json``, written at start and removed at a graceful stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.folder import Folder


class GatewayAddress(msgspec.Struct, frozen=True):
    """One run of a gateway. Nothing in it is secret."""

    url: str
    workers: int
    started_us: int


def write(folder: Folder, address: GatewayAddress) -> None:
    """Publish the address; it appears whole."""
    path = _file(folder)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(msgspec.json.encode(address))
    temporary.replace(path)


def remove(folder: Folder) -> None:
    """The gateway has stopped."""
    _file(folder).unlink(missing_ok=True)


def read(folder: Folder) -> GatewayAddress | None:
    """The address of the gateway that runs, or ran until it was killed; None when none did."""
    try:
        return msgspec.json.decode(_file(folder).read_bytes(), type=GatewayAddress)
    except (OSError, msgspec.MsgspecError):
        return None


def _file(folder: Folder) -> Path:
    return folder.root / "gateway.json"
