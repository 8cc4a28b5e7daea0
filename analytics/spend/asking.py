"""Questions about spending by a dimension: their text, what is bound to it, and how a person may read it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
from analytics.spend.sources import Source, source_of
from analytics.written import with_values
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from analytics.filters import Filters

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "provider": "provider",
        "model": "model",
        "deployment": "deployment_id",
        "team": "team",
        "user": "coalesce(user_id, end_user)",
        "key": "key_name",
        "tag": "array_to_string(list_sort(tags), ', ')",
        "application": "application",
    }
)
"""What spending can be told by, and the SQL that says which value an attempt has.

An attempt with several tags stands under all of them together, so that the parts add up to the whole.
"""
BY_BUCKET = frozenset({"over_time"})
"""Questions about a period alone, cut into stretches; the others compare it with the one before."""
SERIES = 8
VALUES = 12
MODELS_NAMED = 12


def ask(query: str, filters: Filters, dimension: str = "provider", ledger: Readable | None = None) -> pl.DataFrame:
    """The answer of ``sql/spend/QUERY.sql``. Raises KeyError for no such dimension, StoreError when it fails."""
    here = ledger or ledger_here()
    source = _source(query, filters, here)
    return here.read(_text(query, dimension, source), _bound(query, filters, source))


def readable(query: str, filters: Filters, dimension: str = "provider") -> str:
    """The question as people can ask it of the lake: of attempts alone, with its values written into it."""
    sql = sqlfiles.text(f"spend/{query}").replace("{dimension}", DIMENSIONS[dimension])
    sql = sql.replace("spending(", "spent_attempts(").replace("'{rollup}', ", "")
    sql = "".join(line for line in sql.splitlines(keepends=True) if line.strip() != "WHERE {taken}")
    return with_values(sql, _parameters(query, filters))


def _source(query: str, filters: Filters, ledger: Readable) -> Source:
    by_bucket = query in BY_BUCKET
    return source_of(filters, with_previous=not by_bucket, by_bucket=by_bucket, ledger=ledger)


def _text(query: str, dimension: str, source: Source) -> str:
    sql = sqlfiles.text(f"spend/{query}").replace("{dimension}", DIMENSIONS[dimension])
    return sql.replace("{rollup}", source.rollup).replace("{taken}", source.taken)


def _bound(query: str, filters: Filters, source: Source) -> dict[str, object]:
    return _parameters(query, filters) | source.parameters()


def _parameters(query: str, filters: Filters) -> dict[str, object]:
    sql = sqlfiles.text(f"spend/{query}")
    given = {**filters.parameters(), "series": SERIES, "values": VALUES, "models_named": MODELS_NAMED}
    return {name: value for name, value in given.items() if f"${name}" in sql}
