"""Edges: from which deployment to which requests moved, why, and what each cost in time, waste and price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.pricing.meters import TOKEN_CLASSES
from analytics.reading import Readable, ledger_here
from analytics.rollups.spans import cuts_of
from analytics.spend.list_prices import at_list, book_of, class_prices
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from analytics.filters import Filters
    from analytics.pricing.book import Book

QUERY = "failover/edges"
MOST = 200
_MONEY = pl.Decimal(38, 12)
_CENT = Decimal("0.000000000001")


def edges(filters: Filters, rows: int = MOST, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per pair of deployments, the most frequent first.

    Columns: moved_from, moved_to, provider and model (of the one that failed), moves, reason (the most frequent kind of
    error), served (answered there), failed_attempts, added_us (from the first failed attempt to the first at the next
    deployment), wasted_usd (known cost of the failed attempts), served_usd (known cost of the answers), unpriced
    (answers of unknown cost), premium_usd: served_usd less what the same tokens cost by list at the deployment that
    failed, as of the span's end, standard tier; below 0 it was a saving, NULL when either has no price. Filters apply
    to the deployment that failed; team, user and tag do not.
    """
    source = ledger or ledger_here()
    sql, parameters = asked(filters, rows, source)
    frame = source.read(sql, parameters)
    book = book_of(source)
    premiums = [_premium(row, book, filters) for row in frame.to_dicts()]
    priced = frame.with_columns(pl.Series("premium_usd", premiums, dtype=_MONEY))
    return priced.drop(f"{name}_tokens" for name in TOKEN_CLASSES)


def asked(filters: Filters, rows: int = MOST, ledger: Readable | None = None) -> tuple[str, dict[str, object]]:
    """The query and its parameters."""
    sql = sqlfiles.text(QUERY)
    parameters = {**filters.parameters(), **cuts_of(filters, "hour", ledger), "rows": rows}
    return sql, {name: one for name, one in parameters.items() if f"${name}" in sql}


def _premium(row: dict[str, Any], book: Book, filters: Filters) -> Decimal | None:
    tokens = {name: row[f"{name}_tokens"] or 0 for name in TOKEN_CLASSES}
    listed = at_list(tokens, class_prices(book, row["provider"], row["model"], filters.end))
    if listed is None or row["served_usd"] is None:
        return None
    return Decimal(row["served_usd"] - sum(listed.values(), Decimal(0))).quantize(_CENT)
