"""Where a webhook may go: no address inside the house, whatever its name resolves to, unless settings allow it."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from scalix.errors import DeliveryError


@dataclass(frozen=True)
class Target:
    """A checked URL and the address that it is to be sent to; the name is not resolved a second time."""

    url: str
    host: str
    address: str
    port: int


def target_of(url: str, *, allow_private: bool) -> Target:
    """Check and resolve a URL. Raises DeliveryError for what is no http(s) URL, does not resolve, or is private."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise DeliveryError(f"that is no URL: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DeliveryError(f"{parts.scheme or 'that'} is not delivered to: give an http or https URL")
    if parts.username or parts.password:
        raise DeliveryError("a URL with a password in it is not used: its receiver should check the signature")
    addresses = _resolved(parts.hostname, port)
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise DeliveryError(f"{parts.hostname} is an address inside this network; allow_private_webhooks permits it")
    return Target(url, parts.hostname, addresses[0], port)


def refuse_private(host: str) -> None:
    """Raise DeliveryError for a host inside this network. What looks like no host's name is a service's token."""
    if "." not in host and ":" not in host and host != "localhost":
        return
    if not all(map(_is_public, _resolved(host, 443))):
        raise DeliveryError(f"{host} is an address inside this network; allow_private_webhooks permits it")


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"{host} does not resolve: {error}") from error
    return [str(entry[4][0]) for entry in found]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast
