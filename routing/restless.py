"""Deployments that time alone changes: their breaker is in trouble, or their calls may have become overdue."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .policy import CLOSED

if TYPE_CHECKING:
    from .own import Own


class Restless:
    """Asked about at every decision, so it answers at once while nothing is the matter. Moments are monotonic."""

    def __init__(self) -> None:
        self.troubled: dict[str, Own] = {}
        self._oldest = math.inf
        """When the oldest of the calls under way was sent, which may have ended since."""

    def sent(self, now: float) -> None:
        """A call went out whose end will be heard of."""
        self._oldest = min(self._oldest, now)

    def heard(self, deployment_id: str, own: Own, now: float) -> None:
        """Something became of a call to this deployment."""
        if own.breaker.state(now) != CLOSED:
            self.troubled[deployment_id] = own

    def may_be_overdue(self, now: float, most_s: float) -> bool:
        """Whether a call under way may have taken too long already."""
        return now - self._oldest > most_s

    def look(self, owns: list[tuple[str, Own]], now: float, most_s: float) -> None:
        """Count calls under way that have taken too long already as late, each once."""
        self._oldest = math.inf
        for name, own in owns:
            if own.under_way:
                own.look_at_overdue(now, most_s)
                self._oldest = min(self._oldest, own.oldest)
                self.heard(name, own, now)

    def late_share(self, deployment_id: str, now: float) -> float | None:
        """Of the last answers of a deployment that is open for nothing else; None of any other."""
        own = self.troubled.get(deployment_id)
        return own.breaker.late_share if own is not None and own.breaker.merely_slow(now) else None

    def state(self, deployment_id: str, now: float) -> str:
        """How the breaker of a deployment stands at this moment."""
        own = self.troubled.get(deployment_id)
        state = CLOSED if own is None else own.breaker.state(now)
        if own is not None and state == CLOSED:
            self.troubled.pop(deployment_id, None)
            # Another thread may have opened it in between.
            self.heard(deployment_id, own, now)
        return state
