"""What a request to the API may do, by its bearer token: read, send calls in, or everything."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

from scalix.hub.access import bearer
from scalix.hub.sessions import same
from scalix.listening import is_loopback_name

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.requests import HTTPConnection

    from scalix.settings import Settings

Scope = Literal["read", "ingest", "admin"]


class Scopes:
    """Who may do what. ``admin`` may do all; each other scope only what it names."""

    def __init__(self, settings: Settings, own_token: str | None = None) -> None:
        """``own_token`` is what commands on this machine find in ``hub.json``; it and the password let one read."""
        reading = [settings.password, settings.read_token]
        self._tokens: dict[Scope, list[str]] = {
            "admin": _values(settings.admin_token),
            "read": [own_token or secrets.token_urlsafe(32), *_values(*reading)],
            "ingest": _values(settings.ingest_token),
        }
        self._open_to_this_machine = not any(reading) and settings.secrets_file is None

    def may(self, scope: Scope, connection: HTTPConnection) -> bool:
        """Whether the request may do what the scope names.

        Where nothing is asked for, whoever reaches the hub may read. It then listens to this machine alone, so a
        request must also have been meant for it: a page in a browser that got here under a name of its own has not.
        """
        if scope == "read" and self._open_to_this_machine and is_loopback_name(connection.url.hostname or ""):
            return True
        given = bearer(connection)
        if given is None:
            return False
        return any(same(given, token) for token in (*self._tokens["admin"], *self._tokens[scope]))


def _values(*held: SecretStr | None) -> list[str]:
    return [one.get_secret_value() for one in held if one is not None]
