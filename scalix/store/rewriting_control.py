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
        changed = sum(
            _change_column(connection, column, text, change)
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, sa.String)
        )
    control.compact()
    return changed


def _change_column(connection: sa.Connection, column: sa.Column[str], text: str, change: Callable[[str], str]) -> int:
    asked = sa.select(column).where(column.contains(text, autoescape=True)).distinct()
    values = [value for (value,) in connection.execute(asked).all() if change(value) != value]
    for value in values:
        connection.execute(column.table.update().where(column == value).values({column.name: change(value)}))
    return len(values)
