"""What the Calls page shows: the search, the attempts it finds, and everything recorded of one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

import polars as pl
import streamlit as st

from analytics.calls import search
from analytics.calls.search import ORDERS, Wanted
from analytics.written import with_values
from dashboard import amounts, exports
from dashboard.choosing import row_of
from dashboard.formatting import clean, cleaned, outcomes
from scalix.events import ErrorKind

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters

STATUSES = {"answered": "success", "failed": "failure", "cancelled": "cancelled", "abandoned": "abandoned"}
KINDS = tuple(kind.replace("_", " ") for kind in get_args(ErrorKind))


def wanted() -> Wanted:
    """Draw the search beside the filter bar, and say what it asks for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = st.multiselect("Outcome", list(STATUSES), key="outcome", bind="query-params", placeholder="Any")
        kinds = st.multiselect("Error", KINDS, key="error", bind="query-params", placeholder="Any")
        dollars = st.number_input("Cost from ($)", min_value=0.0, value=None, format="%.6f", key="cost_from", width=150)
        seconds = st.number_input("Took from (s)", min_value=0.0, value=None, format="%.2f", key="took_from", width=150)
        order = st.selectbox("First", list(ORDERS), key="first", bind="query-params", width=130)
    return Wanted(
        statuses=tuple(STATUSES[one] for one in outcome),
        errors=tuple(one.replace(" ", "_") for one in kinds),
        least_usd=None if dollars is None else Decimal(f"{dollars:.6f}"),
        least_us=None if seconds is None else round(seconds * 1e6),
        order=order or "newest",
    )


def show_matching(filters: Filters, asked: Wanted) -> None:
    """The attempts of a span that are as asked. Raises StoreError."""
    _show(search.matching(filters, asked), search.readable(filters, asked), "No call in this span is like that.")


def show_by_id(text: str) -> None:
    """The attempts that an id belongs to, whenever they were. Raises StoreError."""
    _show(search.by_id(text), with_values(*search.asked_by_id(text)), "No call has this id.")


def _show(found: pl.DataFrame, sql: str, nothing: str) -> None:
    with st.container(border=True):
        if found.is_empty():
            st.caption(nothing)
            return
        more = f"The first {search.MOST}." if found.height == search.MOST else f"{found.height} found."
        st.caption(f"{more} Choose one to see all that is recorded of it.")
        chosen = _table(found)
        exports.show("calls", found, sql)
    if found.height == 1:
        chosen = 0
    if chosen is not None:
        row = found.row(chosen, named=True)
        _record(row["call_id"], row["started_at"], row["request_id"])


def _table(found: pl.DataFrame) -> int | None:
    names = ("provider", "model", "deployment", "team", "user_id", "call_id")
    shown = found.select(
        "started_at",
        *(cleaned(name) for name in names[:3]),
        outcomes("status"),
        cleaned("error_kind").str.replace_all("_", " "),
        (pl.col("latency_us") / 1e6).alias("took"),
        "tokens",
        "cost_usd",
        *(cleaned(name) for name in names[3:]),
    )
    return row_of(
        amounts.rounded(shown, "cost_usd", least=amounts.OF_ONE_CALL),
        {
            "started_at": st.column_config.DatetimeColumn("Began (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "model": st.column_config.TextColumn("Model"),
            "deployment": st.column_config.TextColumn("Deployment"),
            "status": st.column_config.TextColumn("Outcome", width="small"),
            "error_kind": st.column_config.TextColumn("Error", width="small"),
            "took": st.column_config.NumberColumn("Took", format="%.2f s", width="small"),
            "tokens": st.column_config.NumberColumn("Tokens", format="localized", width="small"),
            "cost_usd": amounts.column("Cost", shown["cost_usd"], least=amounts.OF_ONE_CALL),
            "team": st.column_config.TextColumn("Team", width="small"),
            "user_id": st.column_config.TextColumn("User", width="small"),
            "call_id": st.column_config.TextColumn("Call id"),
        },
        alt="Calls found",
        key="calls",
    )


def _record(call_id: str, started_at: datetime, request_id: str) -> None:
    with st.container(border=True):
        st.subheader("One call")
        st.page_link(
            "screens/failover.py",
            label="The request it belongs to",
            icon=":material/account_tree:",
            query_params={"request": request_id},
        )
        fields = search.record(call_id, started_at)
        rows = {name: _text(value) for name, value in fields.items() if value is not None}
        frame = pl.DataFrame({"field": list(rows), "value": list(rows.values())})
        st.dataframe(
            frame.with_columns(cleaned("value")),
            hide_index=True,
            column_config={
                "field": st.column_config.TextColumn("Field", width=150),
                "value": st.column_config.TextColumn("Value"),
            },
            alt="Everything recorded of one call",
            key="record",
        )


def _text(value: object) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    return clean(str(value)) if not isinstance(value, Decimal) else f"{value:f}"
