"""What the SQL page shows, section by section. Confined readers run all that is asked; see ``scalix.store.readers``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.asking import desk
from analytics.asking.queries import all_queries, named_query, parameters_of
from dashboard import exports, formatting, sql_charts, sql_keeping
from dashboard.formatting import UNKNOWN, clean, cleaned
from scalix.errors import StoreError
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

EXAMPLE = """\
SELECT provider, model, sum(cost_usd) AS spent_usd, count(*) AS attempts
FROM attempts
GROUP BY ALL
ORDER BY spent_usd DESC NULLS LAST"""
LONGEST_IN_ADDRESS = 8_000
_SCHEMA = """
SELECT v.view_name AS view, v.comment AS means, c.column_name AS column, c.data_type AS type, c.comment AS meaning
FROM duckdb_views() AS v
JOIN duckdb_columns() AS c ON c.schema_name = v.schema_name AND c.table_name = v.view_name
WHERE NOT v.internal AND v.schema_name = 'main'
ORDER BY v.view_name, c.column_index
"""
_FRESHNESS = "SELECT max(ended_at) AS newest FROM attempts"


@dataclass(frozen=True)
class Asked:
    """A query with the values of its parameters."""

    sql: str
    parameters: dict[str, str]


@dataclass(frozen=True)
class Answered:
    """An answer, how long it took, and to what."""

    asked: Asked
    shown: desk.Shown
    took_us: float


@st.cache_data(ttl=600, max_entries=1, show_spinner=False)
def schema() -> pl.DataFrame:
    """Every view with its columns and what they mean. Raises StoreError when the lake cannot be read."""
    return desk.frame(_SCHEMA)


def show_freshness() -> None:
    """How old the newest row is that an answer can hold."""
    try:
        newest: datetime | None = desk.frame(_FRESHNESS).item()
    except StoreError:
        return
    if newest is None:
        st.caption("The lake is empty")
    else:
        moment = now()
        age = formatting.duration((moment - newest).total_seconds() * 1e6)
        st.caption(f"Answers come from the lake · newest call {age} ago · as of {moment:%H:%M:%S} UTC")


def browse(views: pl.DataFrame) -> None:
    """The schema: views, what a row is, columns and what they mean."""
    st.subheader("Schema")
    names = views["view"].unique(maintain_order=True).to_list()
    chosen = st.selectbox("View", names, index=names.index("attempts") if "attempts" in names else 0)
    columns = views.filter(pl.col("view") == chosen)
    if columns.is_empty():
        return
    st.caption(columns["means"][0])
    st.dataframe(
        columns.select("column", "type", "meaning"),
        hide_index=True,
        column_config={
            "column": st.column_config.TextColumn("Column", width=130),
            "type": st.column_config.TextColumn("Type", width=90),
            "meaning": st.column_config.TextColumn("Meaning", width="large"),
        },
        alt=f"Columns of {chosen}",
    )


def editor() -> Asked:
    """The named queries, the text, and a field for each of its parameters. The text stands in the page's address."""
    own = desk.own_queries()
    queries = {one.name: one for one in all_queries(own)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Named query",
            list(queries),
            index=None,
            key="named_query",
            format_func=lambda name: f"{name}{' (saved here)' if queries[name].own else ''}",
            placeholder="Choose one to begin with",
            on_change=_take_named,
        )
    sql = st.text_area(
        "Query",
        key="query",
        bind="query-params",
        height=220,
        placeholder=EXAMPLE,
        help="One SELECT, DESCRIBE, SUMMARIZE or EXPLAIN. Write parameters as $name. Ctrl+Enter runs it.",
    )
    asked = Asked(sql or "", _parameters(sql or ""))
    with st.container(horizontal=True):
        run = st.button("Run", type="primary", icon=":material/play_arrow:", on_click=_forget)
        sql_keeping.buttons(asked.sql, asked.parameters)
    if run and not asked.sql.strip():
        st.warning("Write a query first.", icon=":material/edit:")
    if len(asked.sql) > LONGEST_IN_ADDRESS:
        st.caption("This query is too long for the page's address: save it under a name to share it.")
    return asked


def answer(asked: Asked) -> None:
    """The rows, a chart of them, and the files; or what is wrong with the query."""
    try:
        found = _answered(asked)
    except StoreError as error:
        st.error("The query was not answered.", title="No answer", icon=":material/error:")
        st.text(str(error))
        return
    frame = found.shown.frame
    counted = f"{frame.height:,} row{'s' if frame.height != 1 else ''}"
    more = ", the first of more: add up or limit in the query, or use `scalix sql`" if found.shown.more else ""
    st.caption(f"{counted}{more} · {formatting.duration(found.took_us)}")
    rows, chart = st.tabs(["Rows", "Chart"])
    with rows:
        _rows(frame)
    with chart:
        sql_charts.show(frame)
    with st.container(horizontal=True):
        exports.downloads("answer", frame)


def show_welcome() -> None:
    """What can be asked, before anything is."""
    st.info(
        "Write a query above, or choose a named one. The sidebar lists the views; where it is closed, » at the top "
        "opens it.",
        title="Ask the lake",
        icon=":material/database_search:",
    )
    st.code(EXAMPLE, language="sql")


def _take_named() -> None:
    name = st.session_state["named_query"]
    if name is None:
        return
    query = named_query(name, desk.own_queries())
    st.session_state["query"] = query.sql
    for parameter, value in query.parameters.items():
        st.session_state[_key(parameter)] = value


def _parameters(sql: str) -> dict[str, str]:
    declared = parameters_of(sql)
    if not declared:
        return {}
    with st.container(horizontal=True):
        return {
            name: st.text_input(f"${name}", value=default, key=_key(name), bind="query-params", width=180) or ""
            for name, default in declared.items()
        }


def _key(parameter: str) -> str:
    return f"p_{parameter}"


def _forget() -> None:
    st.session_state.pop("answered", None)


def _answered(asked: Asked) -> Answered:
    """The answer at hand while neither query nor parameters change; a look at the chart does not ask anew."""
    held: Answered | None = st.session_state.get("answered")
    if held is not None and held.asked == asked:
        return held
    began = time.perf_counter()
    with st.spinner("Asking…"):
        shown = desk.ask(asked.sql, asked.parameters)
    found = Answered(asked, shown, (time.perf_counter() - began) * 1e6)
    st.session_state["answered"] = found
    return found


def _rows(frame: pl.DataFrame) -> None:
    if frame.is_empty():
        st.caption("No row answers it.")
        return
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    st.dataframe(
        frame.with_columns(cleaned(name) for name in texts),
        hide_index=True,
        placeholder=UNKNOWN,
        alt="Answer",
        column_config=_columns(frame.schema),
    )


def _columns(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Names of columns as plain text."""
    return {name: clean(name) for name in schema}
