"""The failed attempts of one request, collected while it lasts, whichever deployments and groups it went through."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE_LIMIT = 200


@dataclass(frozen=True)
class Attempt:
    """One attempt that failed. ``kind`` is one of the ledger's kinds of errors."""

    call_id: str
    provider: str
    model: str
    deployment_id: str
    kind: str
    status: str
    """The HTTP status as text; empty where there was none."""
    message: str
    """What the provider said, at most 200 characters."""


@dataclass
class Chain:
    """The attempts of one request, in the order in which they failed."""

    attempts: list[Attempt] = field(default_factory=list)

    def add(self, attempt: Attempt) -> None:
        """Append an attempt, unless another hook told of it already."""
        if not attempt.call_id or all(known.call_id != attempt.call_id for known in self.attempts):
            self.attempts.append(attempt)

    @property
    def deployments(self) -> frozenset[str]:
        """Those that have failed in this request."""
        return frozenset(attempt.deployment_id for attempt in self.attempts)


_present: ContextVar[Chain | None] = ContextVar("scalix_request", default=None)


def present() -> Chain | None:
    """The chain of the request that is being answered here, if it goes through a Router of ours."""
    return _present.get()


@contextmanager
def request() -> Iterator[tuple[Chain, bool]]:
    """The chain of a request and whether it begins here: a fallback to another group belongs to the same one."""
    known = _present.get()
    if known is not None:
        yield known, False
        return
    chain = Chain()
    token = _present.set(chain)
    try:
        yield chain, True
    finally:
        _present.reset(token)
