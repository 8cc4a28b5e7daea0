"""Questions about spending by a dimension: their text, what is bound to it, and how a person may read it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
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
        "application": "coalesce(metadata ->> '$.application', metadata ->> '$.app')",
    }
)
"""What spending can be told by, and the SQL that says which value an attempt has.

An attempt with several tags stands under all of them together, so that the parts add up to the whole.
"""
SERIES = 8
VALUES = 12
MODELS_NAMED = 12


def ask(query: str, filters: Filters, dimension: str = "provider", ledger: Readable | None = None) -> pl.DataFrame:
    """The answer of ``sql/spend/QUERY.sql``. Raises KeyError for no such dimension, StoreError when it fails."""
    sql, bound = _text(query, dimension), _bound(query, filters)
    return (ledger or ledger_here()).read(sql, bound)


def readable(query: str, filters: Filters, dimension: str = "provider") -> str:
    """The question with its values written into it, to be read and copied; what is asked has them bound."""
    sql = _text(query, dimension)
    for name, value in sorted(_bound(query, filters).items(), reverse=True):
        sql = sql.replace(f"${name}", _literal(value))
    return sql


def _text(query: str, dimension: str) -> str:
    return sqlfiles.text(f"spend/{query}").replace("{dimension}", DIMENSIONS[dimension])


def _bound(query: str, filters: Filters) -> dict[str, object]:
    sql = sqlfiles.text(f"spend/{query}")
    given = {**filters.parameters(), "series": SERIES, "values": VALUES, "models_named": MODELS_NAMED}
    return {name: value for name, value in given.items() if f"${name}" in sql}


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
