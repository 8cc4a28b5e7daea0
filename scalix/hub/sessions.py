"""Who has signed in with a password, and as what: signed cookies, and passwords tried too often."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING

from dashboard.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

COOKIE = "scalix_session"
SESSION_S = 12 * 3600
FAILURES_PER_MINUTE = 10


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about where they differ, nor about their length."""
    return hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest())


class Sessions:
    """Sessions are signed with a key of this run: a restart asks for the password again."""

    def __init__(self, passwords: Mapping[Role, str]) -> None:
        self._passwords = dict(passwords)
        self._key = secrets.token_bytes(32)
        self._failures: deque[float] = deque(maxlen=FAILURES_PER_MINUTE)

    def role(self, cookies: Mapping[str, str], authorization: str) -> Role | None:
        """What a request may do, by its session, else by the password that it carries; None is nothing."""
        held = self._held(cookies.get(COOKIE, ""))
        if held is not None:
            return held
        given = bearer_of(authorization) or _basic_password(authorization)
        return None if given is None else self.check(given)

    def check(self, password: str) -> Role | None:
        """The role that a password opens, the highest of them. After many failures none does for a minute."""
        now = time.monotonic()
        if len(self._failures) == FAILURES_PER_MINUTE and now - self._failures[0] < 60:  # noqa: PLR2004 - a minute
            return None
        opened = [role for role, expected in self._passwords.items() if same(password, expected)]
        if not opened:
            self._failures.append(now)
        return max(opened, default=None)

    def begin(self, role: Role) -> str:
        """The cookie of a new session."""
        return self._signed(role, int(time.time()) + SESSION_S)

    def _signed(self, role: Role, until: int) -> str:
        signature = hmac.new(self._key, f"{role.value}.{until}".encode(), hashlib.sha256).hexdigest()
        return f"{role.value}.{until}.{signature}"

    def _held(self, cookie: str) -> Role | None:
        given, _, rest = cookie.partition(".")
        until, _, _ = rest.partition(".")
        if not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in (given, until)):  # noqa: PLR2004 - seconds since 1970
            return None
        if int(given) not in {role.value for role in Role}:
            return None
        role = Role(int(given))
        good = hmac.compare_digest(cookie.encode(), self._signed(role, int(until)).encode())
        return role if good and int(until) > time.time() else None


def bearer_of(authorization: str) -> str | None:
    """The bearer token of an ``Authorization`` header."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _basic_password(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded.partition(":")[2]
