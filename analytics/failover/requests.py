"""Requests that took more than one attempt, how requests ended in all, and the chain of a single one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
from analytics.rollups.spans import cuts_of
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    import polars as pl

    from analytics.filters import Filters

MOST = 200


@dataclass(frozen=True)
class Outcomes:
    """How requests ended in a span, and how their attempts fared."""

    answered: int
    failed: int
    own_fault: int
    """Failed, and no provider could have served them."""
    refused: int
    given_up: int
    recovered: int
    """Answered after an attempt had failed: what retries and failover saved."""
    ended_attempts: int
    provider_errors: int
    failover_us: int
    """Spent in failed attempts of answered requests."""
    wasted_usd: Decimal | None
    """Known cost of attempts that were no success."""

    @property
    def request_success_rate(self) -> float | None:
        """Answered in the end, among those answered or failed by providers."""
        judged = self.answered + self.failed
        return self.answered / judged if judged else None

    @property
    def without_failover(self) -> float | None:
        """The same rate, had every request only had its first attempt."""
        judged = self.answered + self.failed
        return (self.answered - self.recovered) / judged if judged else None

    @property
    def attempt_success_rate(self) -> float | None:
        """Attempts that the provider did not fail, among those that ended there."""
        return 1 - self.provider_errors / self.ended_attempts if self.ended_attempts else None


def outcomes(filters: Filters, ledger: Readable | None = None) -> Outcomes:
    """How requests ended. Filters by model group and team apply, the others do not. Raises StoreError."""
    given = {**filters.parameters(), **cuts_of(filters, "hour", ledger)}
    (row,) = _read(sqlfiles.text("failover/outcomes"), given, ledger).to_dicts()
    return Outcomes(**row)


def priced_share(filters: Filters, ledger: Readable | None = None) -> float | None:
    """Attempts of known cost among those that used something; team, user and tag do not apply. Raises StoreError."""
    given = {**filters.parameters(), **cuts_of(filters, ledger=ledger)}
    share: float | None = _read(sqlfiles.text("failover/priced_share"), given, ledger).item()
    return share


def chained_requests(filters: Filters, rows: int = MOST, ledger: Readable | None = None) -> tuple[pl.DataFrame, str]:
    """The latest requests of more than one attempt, the newest first, and the query that found them.

    Only as little of the span is read as holds so many.

    Columns: began_at, request_id, model_group, team, attempts, first_deployment, last_deployment, errors (kinds of
    errors, by name), outcome (status of the last attempt), added_us (from the first attempt's start to the last one's),
    wasted_usd (known cost of attempts that were no success), cost_usd (known), unpriced (answers of unknown cost). User
    and tag do not apply.
    """
    given = {**filters.parameters(), "rows": rows}
    since = _read(sqlfiles.text("failover/since"), given, ledger).item()
    sql = sqlfiles.text("failover/requests")
    parameters = _named(sql, {**given, "since": max(since or filters.start, filters.start)})
    return _read(sql, parameters, ledger), with_values(sql, parameters)


def chain(request_id: str, near: datetime | None = None, ledger: Readable | None = None) -> pl.DataFrame:
    """The attempts of one request in order, with time, error, tokens and cost; empty when there are none.

    ``request_id`` is a trace id, or the call id of an attempt without a trace. A moment near it keeps the search short.
    """
    return _read(*asked_chain(request_id, near), ledger)


def asked_chain(request_id: str, near: datetime | None = None) -> tuple[str, dict[str, object]]:
    """The query of `chain` and its parameters."""
    return sqlfiles.text("failover/chain"), {"request_id": request_id, "near": near}


def _read(sql: str, parameters: dict[str, object], ledger: Readable | None) -> pl.DataFrame:
    return (ledger or ledger_here()).read(sql, _named(sql, parameters))


def _named(sql: str, parameters: dict[str, object]) -> dict[str, object]:
    return {name: one for name, one in parameters.items() if f"${name}" in sql}
