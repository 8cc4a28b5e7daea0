"""Where the running hub of a folder can be reached: ``hub.json``, written at start and removed at a graceful stop."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import msgspec

from scalix.errors import ScalixError

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


def is_loopback(host: str) -> bool:
    """Whether an address is reachable from this machine only. A name counts if it stands for such addresses alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(address).is_loopback for address in found)


def is_loopback_name(name: str) -> bool:
    """Whether a name in a request stands for this machine by itself, without asking who it belongs to."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ScalixError when the address cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ScalixError(f"cannot listen on {host}: {error}; correct SCALIX_HOST") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.set_inheritable(False)
    except OSError as error:
        bound.close()
        raise ScalixError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with SCALIX_PORT or --port"
        ) from error
    return bound


def url_of(bound: socket.socket) -> str:
    """The URL under which this machine reaches the socket; an address for all interfaces is reached by loopback."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
