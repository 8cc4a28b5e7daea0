"""What stands beneath a chart: the SQL that answered it, and its data to take away."""

from __future__ import annotations

import json
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
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "screens/sql.py", label="Open in SQL", icon=":material/database_search:", query_params={"query": sql}
            )
            downloads(name, frame)


def downloads(name: str, frame: pl.DataFrame) -> None:
    """The buttons that give the data as files."""
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
    flat = frame.with_columns(_flat(frame.schema))
    return flat.with_columns(_harmless(flat.select(pl.col(pl.String)).columns)).write_csv()


def _flat(schema: pl.Schema) -> list[pl.Expr]:
    """Lists of texts as texts, everything else that CSV cannot hold as JSON."""
    texts = [name for name, dtype in schema.items() if dtype == pl.List(pl.String)]
    others = [name for name, dtype in schema.items() if (dtype.is_nested() or dtype == pl.Binary) and name not in texts]
    as_json = [pl.col(name).map_elements(_json, return_dtype=pl.String, skip_nulls=True) for name in others]
    return [*(pl.col(name).list.join(", ") for name in texts), *as_json]


def _json(value: object) -> str:
    to_list = getattr(value, "to_list", None)
    return json.dumps(to_list() if to_list else value, default=str)


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
