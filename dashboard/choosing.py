"""Tables of which a row can be chosen, to show more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.formatting import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from streamlit.elements.lib.column_types import ColumnConfig


def row_of(frame: pl.DataFrame, columns: Mapping[str, ColumnConfig], *, alt: str, key: str) -> int | None:
    """Draw a table, and say which of its rows is chosen.

    None while none is, or when the one that was is no longer there.
    """
    event = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=columns,
        placeholder=UNKNOWN,
        alt=alt,
        key=key,
    )
    rows = event.selection.rows
    return rows[0] if rows and rows[0] < frame.height else None
