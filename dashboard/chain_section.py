"""One request as a waterfall of its attempts, with each attempt's time, error, tokens and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.failover.requests import asked_chain, chain
from analytics.written import with_values
from dashboard import amounts, exports, failover_charts
from dashboard.formatting import UNKNOWN, clean, cleaned, outcomes

if TYPE_CHECKING:
    from datetime import datetime


def show(request_id: str, near: datetime | None = None) -> None:
    """Draw the request of this id; near a moment it is found sooner. Raises StoreError."""
    found = chain(request_id, near)
    st.subheader("One request")
    st.text(clean(request_id))
    chart = failover_charts.waterfall(found)
    if chart is None:
        st.caption("No attempt of this request is recorded.")
        return
    st.altair_chart(chart, alt="Attempts of one request over time", key="waterfall")
    _attempts(found)
    exports.show("request", found, with_values(*asked_chain(request_id, near)))


def _attempts(found: pl.DataFrame) -> None:
    shown = found.select(
        "started_at",
        cleaned("deployment"),
        outcomes("status"),
        cleaned("error_kind").str.replace_all("_", " "),
        cleaned("error_message"),
        (pl.col("latency_us") / 1e6).alias("took"),
        "tokens_in",
        "tokens_out",
        "cost_usd",
    )
    st.dataframe(
        amounts.rounded(shown, "cost_usd"),
        hide_index=True,
        column_config={
            "started_at": st.column_config.DatetimeColumn("Began (UTC)", format="HH:mm:ss.SSS", width=110),
            "deployment": st.column_config.TextColumn("Deployment"),
            "status": st.column_config.TextColumn("Outcome", width="small"),
            "error_kind": st.column_config.TextColumn("Error", width="small"),
            "error_message": st.column_config.TextColumn("Message"),
            "took": st.column_config.NumberColumn("Took", format="%.3f s", width="small"),
            "tokens_in": st.column_config.NumberColumn("Tokens in", format="localized", width="small"),
            "tokens_out": st.column_config.NumberColumn("Tokens out", format="localized", width="small"),
            "cost_usd": amounts.column("Cost", shown["cost_usd"]),
        },
        placeholder=UNKNOWN,
        alt="Attempts of one request",
        key="chain",
    )
