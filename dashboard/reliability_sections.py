"""What the Reliability page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.reliability import stats
from analytics.reliability.episodes import Episode, episodes
from dashboard import charts, formatting, reliability_charts
from dashboard.formatting import UNKNOWN, cleaned

if TYPE_CHECKING:
    import altair as alt

    from analytics.filters import Filters
    from analytics.reliability.stats import By

MOST_LINES = 8
"""Names that a chart can tell apart; the busiest are drawn."""


@dataclass(frozen=True)
class Figures:
    """Everything the page shows."""

    names: pl.DataFrame
    over_time: pl.DataFrame
    kinds: pl.DataFrame
    episodes: list[Episode]
    edges: pl.DataFrame


def read(filters: Filters, by: By) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    names = stats.by_name(filters, by)
    busiest = names["name"].head(MOST_LINES).implode()
    return Figures(
        names=names,
        over_time=stats.over_time(filters, by).filter(pl.col("name").is_in(busiest, nulls_equal=True)),
        kinds=stats.error_kinds(filters, by),
        episodes=episodes(filters),
        edges=stats.edges(filters),
    )


def show(shown: Figures, filters: Filters, label: str) -> None:
    """Charts and tables."""
    if filters.teams or filters.users or filters.tags:
        st.caption("Team, user and tag do not apply here: deployments answer for all of them.")
    palette = charts.colours(formatting.clean_all(shown.over_time["name"].drop_nulls().unique()).to_list())
    with st.grid(2, min_column_width=420):
        _chart("Error rate", reliability_charts.error_rate(shown.over_time, filters, palette))
        _chart("Latency, 95th percentile", reliability_charts.latency(shown.over_time, filters, palette))
    _chart(f"Error rate by {label.lower()} and time", reliability_charts.heat_map(shown.over_time, filters))
    with st.container(border=True):
        st.subheader(f"By {label.lower()}")
        _names(shown.names, label)
    with st.container(border=True):
        st.subheader("Episodes")
        _episodes(shown.episodes)
    with st.grid(2, min_column_width=420):
        with st.container(border=True):
            st.subheader("Where failed attempts went on")
            _edges(shown.edges)
        with st.container(border=True):
            st.subheader("Kinds of errors")
            _kinds(shown.kinds, label)


def _chart(title: str, chart: alt.Chart | None) -> None:
    with st.container(border=True):
        st.subheader(title)
        if chart is None:
            st.caption("Nothing ended at a provider in this span.")
        else:
            st.altair_chart(chart, alt=title, key=title)


def _names(frame: pl.DataFrame, label: str) -> None:
    seconds = {"latency_p50_us": "p50", "latency_p95_us": "p95", "ttft_p95_us": "first"}
    shown = frame.select(
        cleaned("name"),
        "attempts",
        "success_rate",
        "error_rate",
        *((pl.col(name) / 1e6).alias(short) for name, short in seconds.items()),
        "tokens_per_s",
        pl.col("wasted_usd").cast(pl.Float64),
        "priced_share",
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(label),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            "success_rate": st.column_config.NumberColumn("Success", format="percent", width="small"),
            "error_rate": st.column_config.NumberColumn(
                "Errors", format="percent", width="small", help="Failed at the provider, the request's own faults apart"
            ),
            "p50": st.column_config.NumberColumn("Latency p50", format="%.2f s", width="small"),
            "p95": st.column_config.NumberColumn("Latency p95", format="%.2f s", width="small"),
            "first": st.column_config.NumberColumn("First token p95", format="%.2f s", width="small"),
            "tokens_per_s": st.column_config.NumberColumn("Tokens/s", format="%.0f", width="small"),
            "wasted_usd": st.column_config.NumberColumn(
                "Wasted", format="dollar", width="small", help="Known cost of attempts that were no success"
            ),
            "priced_share": st.column_config.NumberColumn(
                "Priced", format="percent", width="small", help="Attempts of known cost among those with usage or cost"
            ),
        },
        placeholder=UNKNOWN,
        alt="Reliability by name",
        key="names",
    )


def _episodes(found: list[Episode]) -> None:
    if not found:
        st.caption("No deployment was down or degraded in this span, as far as there were attempts to tell by.")
        return
    mean = sum(episode.lasted.total_seconds() for episode in found) / len(found)
    st.caption(f"{len(found)} found; from the first error to the last on average {formatting.duration(mean * 1e6)}.")
    shown = pl.DataFrame(
        {
            "started_at": [one.started_at for one in found],
            "kind": [one.kind for one in found],
            "provider": [one.provider for one in found],
            "deployment": [one.deployment or "all of them" for one in found],
            "minutes": [one.lasted.total_seconds() / 60 for one in found],
            "depth": [one.depth for one in found],
            "errors": [one.provider_errors for one in found],
            "cause": [one.cause.replace("_", " ") for one in found],
            "detected": [(one.detected_at - one.started_at).total_seconds() / 60 for one in found],
        }
    )
    st.dataframe(
        shown.with_columns(cleaned("provider"), cleaned("deployment")),
        hide_index=True,
        column_config={
            "started_at": st.column_config.DatetimeColumn("Began (UTC)", format="MMM DD, HH:mm", width=110),
            "kind": st.column_config.TextColumn("Kind", width="small"),
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "deployment": st.column_config.TextColumn("Deployment"),
            "minutes": st.column_config.NumberColumn("Lasted", format="%.0f min", width="small"),
            "depth": st.column_config.NumberColumn("Worst rate", format="percent", width="small"),
            "errors": st.column_config.NumberColumn("Errors", format="localized", width="small"),
            "cause": st.column_config.TextColumn("Cause", width="small"),
            "detected": st.column_config.NumberColumn("Seen after", format="%.0f min", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Outages and degradations",
        key="episodes",
    )


def _edges(frame: pl.DataFrame) -> None:
    if frame.is_empty():
        st.caption("No request moved from one deployment to another in this span.")
        return
    shown = frame.select(
        cleaned("moved_from"),
        cleaned("moved_to"),
        "moves",
        pl.col("reason").str.replace_all("_", " "),
        (pl.col("served") / pl.col("moves")).alias("served"),
        (pl.col("added_us") / pl.col("moves") / 1e6).alias("added"),
        pl.col("wasted_usd").cast(pl.Float64),
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "moved_from": st.column_config.TextColumn("From"),
            "moved_to": st.column_config.TextColumn("To"),
            "moves": st.column_config.NumberColumn("Moves", format="localized", width="small"),
            "reason": st.column_config.TextColumn("Mostly for", width="small"),
            "served": st.column_config.NumberColumn("Answered", format="percent", width="small"),
            "added": st.column_config.NumberColumn("Added each", format="%.2f s", width="small"),
            "wasted_usd": st.column_config.NumberColumn("Wasted", format="dollar", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Moves from one deployment to another",
        key="edges",
    )


def _kinds(frame: pl.DataFrame, label: str) -> None:
    if frame.is_empty():
        st.caption("No attempt failed in this span.")
        return
    st.dataframe(
        frame.select(cleaned("name"), pl.col("kind").str.replace_all("_", " "), "errors"),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(label),
            "kind": st.column_config.TextColumn("Kind"),
            "errors": st.column_config.NumberColumn("Failed attempts", format="localized", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Failed attempts by kind of error",
        key="kinds",
    )
