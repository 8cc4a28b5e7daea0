"""Cooldowns: when LiteLLM's Routers left a deployment alone after it had failed, as the collector saw them begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    import polars as pl

    from analytics.filters import Filters

QUERY = "reliability/cooldowns"
MOST = 200


def cooldowns(filters: Filters, rows: int = MOST, ledger: Readable | None = None) -> pl.DataFrame:
    """The latest stretches, newest first: began_at, ends_at, deployment, times (cooldowns in it), error_kind.

    Only the filter by deployment applies: a Router knows no other name. Raises StoreError.
    """
    return (ledger or ledger_here()).read(sqlfiles.text(QUERY), _bound(filters, rows))


def readable(filters: Filters) -> str:
    """The query with its values, for whoever wants to ask it again."""
    return with_values(sqlfiles.text(QUERY), _bound(filters, MOST))


def _bound(filters: Filters, rows: int) -> dict[str, object]:
    return {"start": filters.start, "end": filters.end, "deployments": list(filters.deployments), "rows": rows}
