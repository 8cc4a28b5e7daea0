"""Publishes the snapshot that the routing core reads: recent statistics of deployments, and budgets under pressure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from scalix import snapshot
from scalix.errors import StoreError
from scalix.snapshot import BudgetLimit, DeploymentStats, Snapshot
from scalix.store import sqlfiles
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analytics.budgets.state import BudgetState
    from analytics.reading import Readable
    from scalix.folder import Folder

HALF_LIFE = timedelta(minutes=30)
HALF_LIFE_ATTEMPTS = 100.0
FEWEST_FOR_SPREAD = 5.0
"""The three are those of ``routing/evidence.py``; a test holds both to the same answers."""
LOOK_BACK = timedelta(hours=6)
"""Twelve half-lives: what is older counts for less than a four-thousandth."""
MOST_DEPLOYMENTS = 500
_ACTIONS = ("degrade", "block")


def publish(ledger: Readable, states: Iterable[BudgetState], folder: Folder, *, now_us: int) -> int:
    """Write the snapshot anew. Returns how many deployments it holds. Raises StoreError."""
    made = take(ledger, states, now_us=now_us)
    try:
        snapshot.write(folder.snapshot, made)
    except (OSError, ValueError) as error:
        raise StoreError(f"the routing snapshot cannot be written: {error}") from error
    return len(made.deployments)


def take(ledger: Readable, states: Iterable[BudgetState], *, now_us: int) -> Snapshot:
    """How deployments have fared until a moment, and which of these budgets are not plainly fine."""
    at = from_us(now_us)
    bound: dict[str, object] = {
        "start": at - LOOK_BACK,
        "end": at,
        "half_life_us": HALF_LIFE // timedelta(microseconds=1),
        "half_life_attempts": HALF_LIFE_ATTEMPTS,
        "fewest": FEWEST_FOR_SPREAD,
        "most": MOST_DEPLOYMENTS,
    }
    rows = ledger.read(sqlfiles.text("routing/deployments"), bound).to_dicts()
    return Snapshot(
        version=snapshot.VERSION,
        id=uuid4().hex,
        made_us=now_us,
        deployments={row["deployment_id"]: DeploymentStats(**row) for row in rows},
        budgets=limits(states),
    )


def limits(states: Iterable[BudgetState]) -> list[BudgetLimit]:
    """What routing and gateway have to know of budgets: those that have reached more than a warning."""
    return [limit for state in states if (limit := _limit(state))]


def _limit(state: BudgetState) -> BudgetLimit | None:
    """The strictest action that a budget has reached beyond a warning."""
    reached = {threshold.action for threshold in state.crossed}
    action = next((action for action in reversed(_ACTIONS) if action in reached), None)
    if action is None:
        return None
    until = None if state.budget.period.length else to_us(state.end)
    return BudgetLimit(name=state.budget.name, action=action, scope=state.budget.scope, until_us=until)
