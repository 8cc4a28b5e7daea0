"""Ends attempts whose final event does not come, and lets go of events that have been waited for long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.intake.attempts import close
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from analytics.intake.options import IngestOptions
    from scalix.store.ledger import Ledger

_AT_ONCE = 20_000


def close_silent(ledger: Ledger, *, alive: set[str], now_us: int, options: IngestOptions) -> int:
    """Write the rows of attempts that are due and return how many.

    ``alive`` names the processes that may still say something: they hold a segment, or left one that has not been
    read to its end.
    """
    if not ledger_has_events(ledger):
        return 0
    closed = 0
    while closing := _close_some(ledger, alive, now_us, options):
        closed += closing
        if closing < _AT_ONCE:
            break
    _forget(ledger, alive, now_us, options)
    return closed


def ledger_has_events(ledger: Ledger) -> bool:
    """Whether any attempt is unfinished; the common answer is no."""
    with ledger.cursor() as cursor:
        return bool(cursor.execute("SELECT 1 FROM attempt_events LIMIT 1").fetchall())


def _close_some(ledger: Ledger, alive: set[str], now_us: int, options: IngestOptions) -> int:
    asked = {
        "alive": sorted(alive),
        "silent_since_us": now_us - int(options.close_open_after_s * MICROSECONDS),
        "ended_since_us": now_us - int(options.close_ended_after_s * MICROSECONDS),
        "most": _AT_ONCE,
    }
    with ledger.transaction() as cursor:
        due = frame_of(cursor, sqlfiles.text("ingest/due_attempts"), asked)
        if due.height:
            close(cursor, due, now_us=now_us)
        return due.height


def _forget(ledger: Ledger, alive: set[str], now_us: int, options: IngestOptions) -> None:
    asked = {
        "alive": sorted(alive),
        "kept_since_us": now_us - int(options.keep_events_s * MICROSECONDS),
    }
    with ledger.transaction() as cursor:
        cursor.execute(sqlfiles.text("ingest/forget_events"), asked).fetchall()
