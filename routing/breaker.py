"""Circuit breakers: a deployment that keeps failing is left alone for a while, then tried with single calls.

Each process has its own; the hub's statistics bring in what other processes saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from .policy import CLOSED, HALF_OPEN, OPEN

COUNTED = frozenset({"rate_limit", "timeout", "auth", "permission", "not_found", "server", "network", "unknown"})
"""Kinds of errors that a deployment answers for."""
AT_ONCE = frozenset({"auth", "permission", "not_found"})
"""Those that will not go away by themselves within a second try."""
FAILURES = 3
"""In a row, until it opens."""
FIRST_WAIT_S = 15.0
LONGEST_WAIT_S = 300.0


@dataclass
class Breaker:
    """One deployment's. Moments are monotonic seconds."""

    failures: int = 0
    opened: int = 0
    """How often in a row it has opened without a success in between."""
    until: float = 0.0
    probing: bool = False

    def state(self, now: float) -> str:
        """``closed``, ``open`` or ``half_open`` (one call may try)."""
        if not self.opened:
            return CLOSED
        return OPEN if now < self.until or self.probing else HALF_OPEN

    def succeeded(self) -> None:
        """An answer came: all is forgotten."""
        self.failures = self.opened = 0
        self.probing = False

    def failed(self, kind: str, now: float, retry_after_s: float | None = None) -> None:
        """An attempt failed; ``retry_after_s`` is what the provider asked for."""
        if kind not in COUNTED:
            return
        self.failures += 1
        self.probing = False
        if self.failures >= FAILURES or kind in AT_ONCE or self.opened or retry_after_s:
            self.opened += 1
            wait = min(FIRST_WAIT_S * 2 ** (self.opened - 1), LONGEST_WAIT_S)
            self.until = now + min(max(wait if retry_after_s is None else retry_after_s, 1.0), LONGEST_WAIT_S)

    def tries(self, now: float) -> None:
        """A call was sent: while a breaker is half open, no second one is until the first has ended."""
        self.probing = self.state(now) == HALF_OPEN
