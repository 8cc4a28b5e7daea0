"""What stands beneath a chart: the SQL that answered it, and its data to take away."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMULA = r"^[=+\-@\t\r]"
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def show(name: str, frame: pl.DataFrame, sql: str) -> None:
    """A small button that opens the SQL and the downloads. ``name`` is the file's."""
    with st.popover("SQL and data", type="tertiary", icon=":material/code:"):
        st.code(sql, language="sql", height=280)
        with st.container(horizontal=True):
            st.download_button("CSV", csv(frame), f"{name}.csv", "text/csv", key=f"{name}_csv", on_click="ignore")
            st.download_button(
                "Parquet",
                _parquet(frame),
                f"{name}.parquet",
                "application/vnd.apache.parquet",
                key=f"{name}_parquet",
                on_click="ignore",
            )


def csv(frame: pl.DataFrame) -> str:
    """The data as CSV in which no text is a formula to a spreadsheet; lists become text."""
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    flat = frame.with_columns(pl.col(lists).list.join(", "))
    return flat.with_columns(_harmless(flat.select(pl.col(pl.String)).columns)).write_csv()


def _harmless(columns: Iterable[str]) -> list[pl.Expr]:
    texts = [(name, pl.col(name)) for name in columns]
    return [
        pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).alias(name)
        for name, text in texts
    ]


def _parquet(frame: pl.DataFrame) -> bytes:
    written = BytesIO()
    frame.write_parquet(written)
    return written.getvalue()
