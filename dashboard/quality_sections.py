"""What the Data quality page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics import quality
from dashboard import formatting
from dashboard.formatting import UNKNOWN, cleaned

if TYPE_CHECKING:
    from analytics.filters import Filters
    from analytics.quality import Summary

_PRICE = 'scalix prices set PROVIDER MODEL input=0.10 output=0.40\nscalix reprice --reason "it had no price"\n'


@dataclass(frozen=True)
class Figures:
    """Everything the page shows."""

    summary: Summary
    unpriced: pl.DataFrame
    drift: pl.DataFrame
    set_aside: pl.DataFrame


def read(filters: Filters) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    return Figures(
        quality.summary(filters), quality.unpriced(filters), quality.drift(filters), quality.set_aside(filters)
    )


def show(shown: Figures) -> None:
    """Tiles and tables."""
    _tiles(shown.summary)
    with st.container(border=True):
        st.subheader("Models without a price")
        if shown.unpriced.is_empty():
            st.caption("Every model that used tokens in this span has a price.")
        else:
            _unpriced(shown.unpriced)
    with st.container(border=True):
        st.subheader("Where costs disagree")
        if shown.drift.is_empty():
            st.caption("Price book, LiteLLM and providers say the same wherever two of them say something.")
        else:
            _drift(shown.drift)
    with st.container(border=True):
        st.subheader("Not taken in")
        if shown.set_aside.is_empty():
            st.caption("No line was set aside and no event was dropped in this span.")
        else:
            _set_aside(shown.set_aside)


def _tiles(now: Summary) -> None:
    bounded = None if now.bounded_usd is None else f"at most {formatting.money(now.bounded_usd)}"
    repaired = now.inconsistent + now.incomplete
    tiles = [
        ("Priced", formatting.share(now.coverage), None, "Attempts of known cost among those that used tokens"),
        ("Unpriced", formatting.count(now.unpriced), None, "Used tokens at a cost that nobody knows"),
        (
            "Broke off",
            formatting.count(now.bounded),
            bounded,
            "Ended before their usage arrived: cost has bounds only",
        ),
        ("Estimated", formatting.count(now.estimated), None, "Token counts that nobody reported"),
        ("Repriced", formatting.count(now.adjusted), None, "Adjusted after they were booked"),
        ("Without an end", formatting.count(now.without_end), None, "Their last event never came"),
        ("Clocks differ", formatting.count(now.clock), None, "Latency unknown, since two clocks contradict each other"),
        (
            "Repaired",
            formatting.count(repaired),
            None,
            "Counts that do not add up, or details missing",
        ),
    ]
    with st.grid(4, min_column_width=150):
        for label, value, note, explanation in tiles:
            st.metric(label, value, delta_description=note, help=explanation, border=True, height="stretch")


def _unpriced(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select(cleaned("provider"), cleaned("model"), "attempts", "tokens", "last_used_at", cleaned("nearest")),
        hide_index=True,
        column_config={
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "model": st.column_config.TextColumn("Model"),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            "tokens": st.column_config.NumberColumn("Tokens", format="compact", width="small"),
            "last_used_at": st.column_config.DatetimeColumn("Last used (UTC)", format="MMM DD, HH:mm", width=110),
            "nearest": st.column_config.TextColumn("Most similar priced name"),
        },
        placeholder=UNKNOWN,
        alt="Models without a price",
        key="unpriced",
    )
    st.code(_PRICE, language="bash")


def _drift(frame: pl.DataFrame) -> None:
    amounts = [pl.col(name).cast(pl.Float64) for name in ("book_usd", "litellm_usd", "provider_usd")]
    st.dataframe(
        frame.select(cleaned("provider"), cleaned("model"), "attempts", *amounts),
        hide_index=True,
        column_config={
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "model": st.column_config.TextColumn("Model"),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            "book_usd": st.column_config.NumberColumn("Price book", format="$%.6f"),
            "litellm_usd": st.column_config.NumberColumn("LiteLLM", format="$%.6f"),
            "provider_usd": st.column_config.NumberColumn("Provider says", format="$%.6f"),
        },
        placeholder=UNKNOWN,
        alt="Costs that disagree, by model",
        key="drift",
    )


def _set_aside(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select(cleaned("reason"), "events", "last_at"),
        hide_index=True,
        column_config={
            "reason": st.column_config.TextColumn("Reason"),
            "events": st.column_config.NumberColumn("Events", format="localized", width="small"),
            "last_at": st.column_config.DatetimeColumn("Last (UTC)", format="MMM DD, HH:mm", width=110),
        },
        alt="Lines set aside and events dropped",
        key="set_aside",
    )
