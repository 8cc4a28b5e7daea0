"""The tables of the overview: frames made fit to show, and how their columns are to be drawn."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import amounts
from dashboard.formatting import UNKNOWN, cleaned, outcomes


def failovers(frame: pl.DataFrame) -> None:
    """Draw ``stats.latest_failovers``."""
    shown = frame.with_columns(
        *(cleaned(name) for name in ("model_group", "moved_from", "moved_to")),
        cleaned("reason").str.replace_all("_", " "),
        (pl.col("added_us") / 1_000_000).alias("added_s"),
        outcomes("outcome"),
    )
    st.dataframe(
        shown.select(
            "happened_at", "moved_from", "moved_to", "reason", "added_s", "attempts", "outcome", "model_group"
        ),
        hide_index=True,
        column_config={
            "happened_at": st.column_config.DatetimeColumn("Moved at (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "moved_from": st.column_config.TextColumn("From"),
            "moved_to": st.column_config.TextColumn("To"),
            "reason": st.column_config.TextColumn("Reason", width="small"),
            "added_s": st.column_config.NumberColumn("Added", format="%.2f s", width="small"),
            "attempts": st.column_config.NumberColumn("Attempts", width="small"),
            "outcome": st.column_config.TextColumn("Outcome", width="small"),
            "model_group": st.column_config.TextColumn("Model group"),
        },
        placeholder=UNKNOWN,
        alt="Latest calls that moved from one deployment to another",
        key="failovers",
    )


def models(frame: pl.DataFrame) -> None:
    """Draw ``stats.top_models``; what has no price says so beside its cost."""
    shown = frame.select(
        cleaned("model"),
        cleaned("provider"),
        "spent_usd",
        pl.when(pl.col("with_tokens") > 0).then(1 - pl.col("unpriced") / pl.col("with_tokens")).alias("priced"),
        "attempts",
        "tokens",
    )
    st.dataframe(
        amounts.rounded(shown, "spent_usd"),
        hide_index=True,
        column_config={
            "model": st.column_config.TextColumn("Model"),
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "spent_usd": amounts.column("Spent", shown["spent_usd"]),
            "priced": st.column_config.NumberColumn(
                "Priced", format="percent", width="small", help="Attempts of known cost among those that used tokens"
            ),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            "tokens": st.column_config.NumberColumn("Tokens", format="compact", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Models that cost the most",
        key="top_models",
    )
