"""A small lake with nothing running over it, for tests of what reads one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.store.ledger import Ledger
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalix.folder import Folder


def some_attempts() -> list[Attempt]:
    """Two plain calls, and one request that a second attempt answered at a cost that nobody knows."""
    return [
        Attempt(now(), litellm_cost_usd=Decimal("0.25")),
        Attempt(now(), provider="azure", tags=("a", "b")),
        failure(started_at=now(), request=1),
        Attempt(now(), request=1, litellm_cost_usd=None),
    ]


def published(folder: Folder, attempts: Iterable[Attempt] | None = None) -> Folder:
    """Record the attempts and publish them as the hub does."""
    ledger = Ledger.open(folder)
    record(ledger, list(some_attempts() if attempts is None else attempts))
    publish_all(ledger)
    ledger.close()
    return folder


def publish_all(ledger: Ledger) -> None:
    """Bring the ledger's lake up to it: rows, tables, rollups, views."""
    lake = Lake(ledger, ledger.folder.lake)
    lake.start()
    lake.finish()
    publish_tables(ledger, ledger.folder)
    publish_rollups(ledger, ledger.folder)
    write_views(ledger.folder)
