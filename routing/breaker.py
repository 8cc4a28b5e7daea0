"""Circuit breakers: a deployment that keeps failing is left alone for a while, then tried with single calls.

One that is merely slow need not be left alone: being late has its price, and a large answer may be worth it.

Each process has its own; the hub's statistics bring in what other processes saw.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .policy import CLOSED, HALF_OPEN, OPEN

COUNTED = frozenset({"rate_limit", "timeout", "auth", "permission", "not_found", "server", "network", "unknown"})
"""Kinds of errors that a deployment answers for."""
AT_ONCE = frozenset({"auth", "permission", "not_found"})
"""Those that will not go away by themselves within a second try."""
FAILURES = 3
"""In a row, until it opens."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 30.0
"""Within this time, and the probes it takes, traffic returns to what has recovered."""
LONGEST_ASKED_S = 300.0
"""A provider's ``Retry-After`` is believed up to this."""
WATCHED = 12
"""So many last answers are looked at for being late."""
TOO_MANY_LATE = 7
"""Of those; where one answer in ten is late, so many are once in 20,000 times."""
PROBES_IN_TIME = 3
"""In a row, until one that was slow is trusted again."""
STUCK_S = 600.0
"""A probe whose end was never heard of is given up after this."""


@dataclass
class Breaker:
    """One deployment's. Moments are monotonic seconds."""

    failures: int = 0
    opened: int = 0
    """How often in a row it has opened without having closed in between."""
    until: float = 0.0
    limited_until: float = 0.0
    """The provider's rate limit holds until then; afterwards all is well at once."""
    slow: bool = False
    in_time: int = 0
    """Probes in a row that were."""
    probing_since: float | None = None
    _late: deque[bool] = field(default_factory=lambda: deque(maxlen=WATCHED))

    def state(self, now: float) -> str:
        """``closed``, ``open`` or ``half_open`` (one call may try)."""
        if now < self.limited_until:
            return OPEN
        if not self.opened:
            return CLOSED
        probing = self.probing_since is not None and now - self.probing_since < STUCK_S
        return OPEN if now < self.until or probing else HALF_OPEN

    @property
    def late_share(self) -> float:
        """Of the last answers, later than allowed."""
        return self._late.count(True) / len(self._late) if self._late else 0.0

    def merely_slow(self, now: float) -> bool:
        """Whether it is open for late answers alone: whoever pays for being late may ask it."""
        return self.slow and now >= self.limited_until and self.failures < FAILURES

    def succeeded(self, now: float, *, late: bool = False, known_late: bool = False) -> bool:
        """An answer came, later than allowed or not, which may have been counted. Returns whether that closed it."""
        if self.opened and self.probing_since is not None:
            return self._probed(now, late=late)
        if not self.opened or self.slow:
            self.failures = 0
            if not known_late:
                self.took(now, late=late)
        return False  # what was sent before it opened for failures says nothing about now

    def took(self, now: float, *, late: bool) -> None:
        """An answer was late or not, which may be known before it comes: when too many are, leave it alone."""
        self._late.append(late)
        if not self.opened and self._late.count(True) >= TOO_MANY_LATE:
            self.slow = True
            self._open(now)

    def failed(self, kind: str, now: float, retry_after_s: float | None = None) -> None:
        """An attempt failed; ``retry_after_s`` is what the provider asked for."""
        if kind not in COUNTED:
            self.probing_since = None
            return
        if retry_after_s is not None:
            self.limited_until = max(self.limited_until, now + min(max(retry_after_s, 1.0), LONGEST_ASKED_S))
            if kind == "rate_limit":
                self.probing_since = None
                return
        self.failures += FAILURES if kind in AT_ONCE else 1
        if self.opened and self.probing_since is None:
            return  # one of those under way when it opened
        self.probing_since = None
        self.in_time = 0
        if self.failures >= FAILURES or self.opened:
            self._open(now)

    def tries(self, now: float) -> None:
        """A call was sent: while a breaker is half open, no second one is until the first has ended."""
        if self.state(now) == HALF_OPEN:
            self.probing_since = now

    def _probed(self, now: float, *, late: bool) -> bool:
        self.probing_since = None
        if self.slow and late:
            self.in_time = 0
            self._open(now)
            return False
        self.in_time += 1
        if self.slow and self.in_time < PROBES_IN_TIME:
            return False
        self.failures = self.opened = self.in_time = 0
        self.slow = False
        self._late.clear()
        return True

    def _open(self, now: float) -> None:
        self.opened += 1
        self.until = now + min(FIRST_WAIT_S * 2 ** (self.opened - 1), LONGEST_WAIT_S)
