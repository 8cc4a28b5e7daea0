"""A query with its values written into it, to be read, copied and run elsewhere; what is asked has them bound."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_values(sql: str, parameters: Mapping[str, object]) -> str:
    """The query with each ``$name`` replaced by its value as a literal."""
    for name, value in sorted(parameters.items(), reverse=True):
        sql = sql.replace(f"${name}", _literal(value))
    return sql


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value)
    kind = "TIMESTAMPTZ " if isinstance(value, datetime) else ""
    return kind + "'" + str(value).replace("'", "''") + "'"
