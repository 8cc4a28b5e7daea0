"""Sockets to listen on, and the addresses under which they are reached."""

from __future__ import annotations

import ipaddress
import socket

from scalix.errors import ScalixError


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
