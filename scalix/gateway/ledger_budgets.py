"""Budgets over the ledger, made with `scalix budget`, as far as they speak of people: the hub publishes those reached.

Those that speak of deployments are routing's to keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analytics.access.keys import Caller
    from scalix.snapshot import BudgetLimit

PEOPLE = frozenset(["team", "user", "key", "tag"])
KNOWN = PEOPLE | {"model_group"}


class LedgerBudgets:
    """``limits`` gives those that have been reached, as routing knows them too."""

    def __init__(self, limits: Callable[[], Sequence[BudgetLimit]]) -> None:
        self._limits = limits

    def reached(self, caller: Caller, model: str, tags: Iterable[str] = ()) -> BudgetLimit | None:
        """The strictest that holds for a call: one that blocks before one that asks for cheaper calls.

        ``tags`` are the call's own, which count beside those of its key.
        """
        mine = [limit for limit in self._limits() if _holds(limit.scope, caller, model, {*caller.key.tags, *tags})]
        return next((limit for limit in mine if limit.action == "block"), next(iter(mine), None))


def _holds(scope: dict[str, str], caller: Caller, model: str, tags: set[str]) -> bool:
    if not scope.keys() & PEOPLE or scope.keys() - KNOWN:
        return False
    key = caller.key
    facts = {"team": key.team_id, "user": key.user_id, "key": key.name, "model_group": model}
    return all(value in tags if name == "tag" else facts[name] == value for name, value in scope.items())
