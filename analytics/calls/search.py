"""Finds attempts: by any id in the whole ledger, or by user, model, error, time and cost within a span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    import polars as pl

    from analytics.filters import Filters

MOST = 500
LONGEST_ID = 512
ORDERS = {"newest": "started_at", "dearest": "cost_usd", "slowest": "latency_us"}
"""What can come first, and by which column."""


@dataclass(frozen=True)
class Wanted:
    """What an attempt must be, beside the page's filters; None and an empty tuple ask for nothing."""

    statuses: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    least_usd: Decimal | None = None
    least_us: int | None = None
    order: str = "newest"


def by_id(text: str, ledger: Readable | None = None) -> pl.DataFrame:
    """Attempts whose call id, trace id or answer's id this is, the newest first: the columns of `matching`.

    Call and trace ids are compared as 128 bits, wherever in the ledger they are. An answer's id that is not found that
    way is looked for as text, which takes longer. Raises StoreError.
    """
    source = ledger or ledger_here()
    sql, parameters = asked_by_id(text, source)
    return source.read(sql, parameters)


def asked_by_id(text: str, ledger: Readable | None = None) -> tuple[str, dict[str, object]]:
    """The query of `by_id` and its parameters."""
    wanted = text.strip()[:LONGEST_ID]
    first, last = (ledger or ledger_here()).read(sqlfiles.text("calls/places"), {"id": wanted}).row(0)
    if first is None:
        return sqlfiles.text("calls/by_response_id"), {"id": wanted, "rows": MOST}
    return sqlfiles.text("calls/by_id"), {"id": wanted, "rows": MOST, "first": first, "last": last}


def matching(filters: Filters, wanted: Wanted, ledger: Readable | None = None) -> pl.DataFrame:
    """Attempts of a span that are as wanted, at most ``MOST``.

    Columns: started_at, call_id, request_id, provider, model, model_group, deployment, status, error_kind, latency_us,
    tokens, cost_usd, team, user_id. Raises StoreError.
    """
    return (ledger or ledger_here()).read(*_asked(filters, wanted))


def readable(filters: Filters, wanted: Wanted) -> str:
    """The query of `matching` with its values written into it."""
    return with_values(*_asked(filters, wanted))


def record(call_id: str, started_at: datetime, ledger: Readable | None = None) -> dict[str, object]:
    """Everything that is recorded of one attempt, by column; empty when it is not there. Raises StoreError."""
    bound = {"call_id": call_id, "started_at": started_at}
    rows = (ledger or ledger_here()).read(sqlfiles.text("calls/record"), bound).to_dicts()
    return rows[0] if rows else {}


def _asked(filters: Filters, wanted: Wanted) -> tuple[str, dict[str, object]]:
    sql = sqlfiles.text("calls/matching").replace("{order}", ORDERS[wanted.order])
    given = {
        **filters.parameters(),
        "statuses": list(wanted.statuses),
        "errors": list(wanted.errors),
        "least_usd": None if wanted.least_usd is None else str(wanted.least_usd),
        "least_us": wanted.least_us,
        "rows": MOST,
    }
    return sql, {name: value for name, value in given.items() if f"${name}" in sql}
