"""The tables of the Failover page: frames made fit to show, and how their columns are to be drawn."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import amounts
from dashboard.choosing import row_of
from dashboard.formatting import UNKNOWN, cleaned, outcomes


def edges(frame: pl.DataFrame) -> None:
    """Draw ``analytics.failover.edges``."""
    shown = frame.select(
        cleaned("moved_from"),
        cleaned("moved_to"),
        "moves",
        cleaned("reason").str.replace_all("_", " "),
        (pl.col("served") / pl.col("moves")).alias("served"),
        (pl.col("added_us") / pl.col("moves") / 1e6).alias("added"),
        "wasted_usd",
        "premium_usd",
        pl.when(pl.col("served") > 0).then(1 - pl.col("unpriced") / pl.col("served")).alias("priced"),
    )
    st.dataframe(
        amounts.rounded(shown, "wasted_usd", "premium_usd"),
        hide_index=True,
        column_config={
            "moved_from": st.column_config.TextColumn("From"),
            "moved_to": st.column_config.TextColumn("To"),
            "moves": st.column_config.NumberColumn("Moves", format="localized", width="small"),
            "reason": st.column_config.TextColumn("Mostly for", width="small"),
            "served": st.column_config.NumberColumn("Answered", format="percent", width="small"),
            "added": st.column_config.NumberColumn(
                "Added each",
                format="%.2f s",
                width="small",
                help="From the first failed attempt to the next deployment",
            ),
            "wasted_usd": amounts.column("Wasted", shown["wasted_usd"], explained="Known cost of the failed attempts"),
            "premium_usd": amounts.column(
                "Premium",
                shown["premium_usd"],
                explained="What the answers cost beyond list price of the same tokens at the deployment that failed; "
                "below zero it was cheaper",
            ),
            "priced": st.column_config.NumberColumn(
                "Priced", format="percent", width="small", help="Answers of known cost; the others are in no amount"
            ),
        },
        placeholder=UNKNOWN,
        alt="Moves from one deployment to another",
        key="edges",
    )


def requests(frame: pl.DataFrame) -> int | None:
    """Draw ``analytics.failover.requests.chained_requests``; the number of the row that is chosen."""
    shown = frame.select(
        "began_at",
        cleaned("model_group"),
        cleaned("first_deployment"),
        cleaned("last_deployment"),
        "attempts",
        cleaned("errors").str.replace_all("_", " "),
        outcomes("outcome"),
        (pl.col("added_us") / 1e6).alias("added"),
        "wasted_usd",
        "cost_usd",
        "unpriced",
        cleaned("team"),
    )
    return row_of(
        amounts.rounded(shown, "wasted_usd", "cost_usd"),
        {
            "began_at": st.column_config.DatetimeColumn("Began (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "model_group": st.column_config.TextColumn("Model group", width="small"),
            "first_deployment": st.column_config.TextColumn("First tried"),
            "last_deployment": st.column_config.TextColumn("Last tried"),
            "attempts": st.column_config.NumberColumn("Attempts", width="small"),
            "errors": st.column_config.TextColumn("Errors", width="small"),
            "outcome": st.column_config.TextColumn("Outcome", width="small"),
            "added": st.column_config.NumberColumn("Added", format="%.2f s", width="small"),
            "wasted_usd": amounts.column("Wasted", shown["wasted_usd"]),
            "cost_usd": amounts.column("Cost", shown["cost_usd"]),
            "unpriced": st.column_config.NumberColumn(
                "Unpriced", width="small", help="Answers of unknown cost, left out of Cost"
            ),
            "team": st.column_config.TextColumn("Team", width="small"),
        },
        alt="Requests of more than one attempt",
        key="requests",
    )
