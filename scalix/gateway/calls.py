"""Calls of this process that were let through and are not settled yet, from the door to LiteLLM's last word."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.access.spending import Offer

if TYPE_CHECKING:
    from concurrent.futures import Future

    from analytics.access.spending import Call, Refusal
    from analytics.access.till import Till

GRACE_S = 10.0
"""So long after an answer LiteLLM may take to say what it cost; then all that was reserved is taken."""
BROKEN_GRACE_S = 1.0
"""The same after a stream in whose middle an error came."""


@dataclass
class _Open:
    deployments: frozenset[str] | None
    failed_pusd: int = 0
    retry_after: str | None = None


class Calls:
    """Used on the event loop alone; what the till does happens in its thread."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self._open: dict[str, _Open] = {}

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._open)

    async def let_through(self, call: Call) -> Offer | Refusal:
        """Reserve what the call can cost. Raises StoreError."""
        asked = self.till.reserve(call)
        try:
            outcome = await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(lambda done: self._forgo(call, done))
            raise
        if isinstance(outcome, Offer):
            self._open[call.id] = _Open(outcome.deployments)
        return outcome

    def _forgo(self, call: Call, done: Future[Offer | Refusal]) -> None:
        """Nobody is there any more to make a call that was let through."""
        if not done.cancelled() and done.exception() is None and isinstance(done.result(), Offer):
            self.till.settle(call.id, 0, 0)

    def deployments(self, call: str) -> frozenset[str] | None:
        """Those that the call was narrowed to; None for all."""
        found = self._open.get(call)
        return found.deployments if found else None

    def retry_after(self, call: str) -> str | None:
        """What the provider said about when to try again."""
        found = self._open.get(call)
        return found.retry_after if found else None

    def failed(self, call: str, cost_pusd: int | None, retry_after: str | None = None) -> None:
        """An attempt failed; another may follow. None is a cost that nobody knows."""
        found = self._open.get(call)
        if found is not None:
            found.failed_pusd += cost_pusd or 0
            found.retry_after = retry_after or found.retry_after

    def succeeded(self, call: str, cost_pusd: int | None, tokens: int | None) -> None:
        """An attempt succeeded, or its stream came to an end: this is what the call cost."""
        found = self._open.pop(call, None)
        if found is not None:
            total = None if cost_pusd is None else cost_pusd + found.failed_pusd
            self.till.settle(call, total, tokens)

    def ended(self, call: str, *, failed: bool, broken: bool = False) -> None:
        """The client has its answer, or has gone. A call that failed gives back what its attempts have not cost."""
        found = self._open.get(call)
        if found is None:
            return
        if failed:
            del self._open[call]
            self.till.settle(call, found.failed_pusd, 0)
        else:
            grace_s = BROKEN_GRACE_S if broken else GRACE_S
            asyncio.get_running_loop().call_later(grace_s, self._give_up, call)

    def _give_up(self, call: str) -> None:
        found = self._open.pop(call, None)
        if found is not None:
            self.till.settle(call, found.failed_pusd or None)
