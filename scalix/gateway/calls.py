"""Calls of this process that were let through and are not settled yet, from the door to LiteLLM's last word."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.access.spending import Offer

if TYPE_CHECKING:
    from analytics.access.spending import Call, Refusal
    from analytics.access.till import Till

GRACE_S = 10.0
"""So long after an answer LiteLLM may take to say what it cost; then all that was reserved is taken."""


@dataclass
class _Open:
    deployments: frozenset[str] | None
    failed_pusd: int = 0


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
        outcome = await asyncio.wrap_future(self.till.reserve(call))
        if isinstance(outcome, Offer):
            self._open[call.id] = _Open(outcome.deployments)
        return outcome

    def deployments(self, call: str) -> frozenset[str] | None:
        """Those that the call was narrowed to; None for all."""
        found = self._open.get(call)
        return found.deployments if found else None

    def failed(self, call: str, cost_pusd: int | None) -> None:
        """An attempt failed; another may follow. None is a cost that nobody knows."""
        found = self._open.get(call)
        if found is not None:
            found.failed_pusd += cost_pusd or 0

    def succeeded(self, call: str, cost_pusd: int | None, tokens: int | None) -> None:
        """An attempt succeeded, or its stream came to an end: this is what the call cost."""
        found = self._open.pop(call, None)
        if found is not None:
            total = None if cost_pusd is None else cost_pusd + found.failed_pusd
            self.till.settle(call, total, tokens)

    def ended(self, call: str, *, failed: bool) -> None:
        """The client has its answer, or has gone. A call that failed gives back what its attempts have not cost."""
        found = self._open.get(call)
        if found is None:
            return
        if failed:
            del self._open[call]
            self.till.settle(call, found.failed_pusd, 0)
        else:
            asyncio.get_running_loop().call_later(GRACE_S, self._give_up, call)

    def _give_up(self, call: str) -> None:
        found = self._open.pop(call, None)
        if found is not None:
            self.till.settle(call, found.failed_pusd or None)
