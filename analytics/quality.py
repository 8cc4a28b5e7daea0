"""The read side of the Data quality page: how far each dollar and each count can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.reading import Readable, ledger_here
from analytics.spend.list_prices import book_of
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from analytics.filters import Filters

MOST_ROWS = 100


@dataclass(frozen=True)
class Summary:
    """Counts of attempts of a span."""

    attempts: int
    with_tokens: int
    unpriced: int
    """Used tokens at a cost that nobody knows."""
    estimated: int
    """Token counts that nobody reported."""
    bounded: int
    """Broke off without usage, and cost at most ``bounded_usd`` together."""
    bounded_usd: Decimal | None
    adjusted: int
    """Priced anew after they were booked."""
    clock: int
    """Whose clocks contradict each other, so that their latency is unknown."""
    inconsistent: int
    """Whose token counts do not add up as the provider says they should."""
    incomplete: int
    """Recorded from less than LiteLLM usually tells."""
    without_end: int
    """Whose last event never came: the process ended, or the caller went away."""

    @property
    def coverage(self) -> float | None:
        """The share of attempts with tokens whose cost is known."""
        return 1 - self.unpriced / self.with_tokens if self.with_tokens else None


def summary(filters: Filters, ledger: Readable | None = None) -> Summary:
    """The counts. Only the time applies of the filters."""
    return Summary(**_read("summary", filters, ledger).row(0, named=True))


def unpriced(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """Models without a price, the most used first: provider, model, attempts, tokens, last_used_at, nearest.

    ``nearest`` is the priced model of the same provider whose name is most alike; None when there is none.
    """
    frame = _read("unpriced", filters, ledger)
    book = book_of(ledger)
    nearest = [
        book.nearest(provider, model) if provider and model else None
        for provider, model in frame.select("provider", "model").iter_rows()
    ]
    return frame.with_columns(pl.Series("nearest", nearest, pl.String))


def drift(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """Where sources of cost disagree: provider, model, attempts, book_usd, litellm_usd, provider_usd."""
    return _read("drift", filters, ledger)


def set_aside(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """What was not taken in: reason, events, last_at."""
    return _read("set_aside", filters, ledger)


def found(filters: Filters, ledger: Readable | None = None) -> pl.DataFrame:
    """What the job found of the span's days: kind, events, tokens, amount_usd, by_day, last_day, mostly."""
    return _read("found", filters, ledger)


def checked_at(ledger: Readable | None = None) -> datetime | None:
    """When the job last looked; None when it never did."""
    moment: datetime | None = (ledger or ledger_here()).read("SELECT max(checked_at) FROM quality_checks").item()
    return moment


def _read(query: str, filters: Filters, ledger: Readable | None) -> pl.DataFrame:
    sql = sqlfiles.text(f"quality/{query}")
    given = {**filters.parameters(), "rows": MOST_ROWS}
    return (ledger or ledger_here()).read(sql, {name: one for name, one in given.items() if f"${name}" in sql})
