"""Changes text wherever it stands in the control store, and leaves no byte of what it was in a SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from scalix.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.store.control import ControlStore


def change_control(control: ControlStore, text: str, change: Callable[[str], str]) -> int:
    """Apply ``change`` to every value that mentions ``text``. Returns how many values changed. Raises StoreError."""
    with control.transaction() as connection:
        changed = sum(_change_column(connection, column, text, change) for column in _text_columns())
    control.compact()
    return changed


def mentions_in_control(control: ControlStore, text: str) -> list[str]:
    """The different values of all tables that mention this text. Raises StoreError."""
    with control.reading() as connection:
        return [value for column in _text_columns() for value in _values(connection, column, text)]


def _text_columns() -> list[sa.Column[str]]:
    columns = (column for table in metadata.sorted_tables for column in table.columns)
    return [column for column in columns if isinstance(column.type, sa.String)]


def _values(connection: sa.Connection, column: sa.Column[str], text: str) -> list[str]:
    asked = sa.select(column).where(column.contains(text, autoescape=True)).distinct()
    return [value for (value,) in connection.execute(asked).all()]


def _change_column(connection: sa.Connection, column: sa.Column[str], text: str, change: Callable[[str], str]) -> int:
    values = [value for value in _values(connection, column, text) if change(value) != value]
    for value in values:
        connection.execute(column.table.update().where(column == value).values({column.name: change(value)}))
    return len(values)
