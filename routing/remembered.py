"""What is remembered of requests: which deployments just failed in one, and where a conversation's prompt lies warm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST = 10_000
TRIED_S = 60.0
"""A trace's failed deployments are not tried again for so long."""
_NONE = frozenset[str]()
WARM_S = 300.0
"""Providers keep an unused prompt in their cache for about five minutes (OpenAI and Anthropic say 5 to 10, and 5)."""


@dataclass
class Remembered:
    """Of the latest requests; the oldest are forgotten first. ``clock`` gives monotonic seconds."""

    clock: Callable[[], float]
    _tried: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    _warm: dict[Hashable, tuple[float, str, float]] = field(default_factory=dict)

    def failed(self, trace: str | None, deployment_id: str) -> None:
        """A request should try elsewhere next."""
        if trace:
            self._tried[trace] = (self.clock(), self.tried(trace) | {deployment_id})
            shorten(self._tried)

    def tried(self, trace: str | None) -> frozenset[str]:
        """The deployments that have just failed in this request."""
        found = self._tried.get(trace or "")
        return found[1] if found is not None and self.clock() - found[0] < TRIED_S else _NONE

    def asked(self, conversation: Hashable, deployment_id: str, tokens: float) -> None:
        """A conversation's prompt of so many tokens went to this deployment, which will keep it for a while."""
        if conversation is not None:
            self._warm.pop(conversation, None)
            self._warm[conversation] = (self.clock(), deployment_id, tokens)
            shorten(self._warm)

    def warm(self, conversation: Hashable) -> tuple[str, float] | None:
        """Where the conversation's prompt lies in a cache, and how many tokens of it."""
        if conversation is None or conversation not in self._warm:
            return None
        at, deployment_id, tokens = self._warm[conversation]
        return (deployment_id, tokens) if self.clock() - at < WARM_S else None


def shorten(entries: dict[Any, Any]) -> None:
    """Forget the oldest tenth when there are more than should be remembered."""
    if len(entries) > MOST:
        for oldest in list(entries)[: MOST // 10]:
            entries.pop(oldest, None)
