"""What the Reliability page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.reliability import cooldowns, stats
from analytics.reliability.episodes import Episode, as_frame, asked_minutes, episodes
from analytics.written import with_values
from dashboard import amounts, charts, exports, formatting, reliability_charts
from dashboard.formatting import UNKNOWN, cleaned

if TYPE_CHECKING:
    import altair as alt

    from analytics.filters import Filters
    from analytics.reliability.stats import By

MOST_LINES = 8
"""Names that a chart can tell apart; the busiest are drawn."""


@dataclass(frozen=True)
class Figures:
    """Everything the page shows of attempts."""

    names: pl.DataFrame
    over_time: pl.DataFrame
    kinds: pl.DataFrame
    by_hour: pl.DataFrame
    episodes: list[Episode]
    cooldowns: pl.DataFrame


def read(filters: Filters, by: By) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    names = stats.by_name(filters, by)
    busiest = names["name"].head(MOST_LINES).implode()
    return Figures(
        names=names,
        over_time=stats.over_time(filters, by).filter(pl.col("name").is_in(busiest, nulls_equal=True)),
        kinds=stats.error_kinds(filters, by),
        by_hour=stats.by_hour(filters),
        episodes=episodes(filters),
        cooldowns=cooldowns.cooldowns(filters),
    )


def show(shown: Figures, filters: Filters, by: By, label: str) -> None:
    """Charts and tables."""
    if filters.teams or filters.users or filters.tags:
        st.caption("Team, user and tag do not apply here: deployments answer for all of them.")
    _tiles(shown.names)
    palette = charts.colours(formatting.clean_all(shown.over_time["name"].drop_nulls().unique()).to_list())
    over_time = stats.readable("over_time", filters, by)
    with st.grid(2, min_column_width=420):
        for title, draw in (
            ("Error rate", reliability_charts.error_rate),
            ("Latency, median", reliability_charts.median_latency),
            ("Latency, 95th percentile", reliability_charts.latency),
            ("First token, 95th percentile", reliability_charts.first_token),
        ):
            _chart(title, draw(shown.over_time, filters, palette), shown.over_time, over_time)
    _chart(
        f"Error rate by {label.lower()} and time",
        reliability_charts.heat_map(shown.over_time, filters),
        shown.over_time,
        over_time,
    )
    _chart(
        "Error rate by provider and hour of the day",
        reliability_charts.hours(shown.by_hour),
        shown.by_hour,
        stats.readable("by_hour", filters, "provider"),
    )
    with st.container(border=True):
        st.subheader(f"By {label.lower()}")
        _names(shown.names, label)
        exports.show("by_name", shown.names, stats.readable("by_name", filters, by))
    _chart(
        "Kinds of errors",
        reliability_charts.kinds(shown.kinds),
        shown.kinds,
        stats.readable("error_kinds", filters, by),
    )
    with st.container(border=True):
        st.subheader("Episodes")
        _episodes(shown.episodes)
        if shown.episodes:
            exports.show("episodes", as_frame(shown.episodes), with_values(*asked_minutes(filters)))
            st.page_link("screens/failover.py", label="Where requests went then", icon=":material/swap_horiz:")
    with st.container(border=True):
        st.subheader("Cooldowns")
        _cooldowns(shown.cooldowns)
        if not shown.cooldowns.is_empty():
            exports.show("cooldowns", shown.cooldowns, cooldowns.readable(filters))


def _tiles(names: pl.DataFrame) -> None:
    columns = ("attempts", "succeeded", "failed", "provider_errors", "given_up")
    attempts, succeeded, failed, errors, given_up = names.select(pl.col(columns).sum()).row(0)
    ended = succeeded + failed
    shown = [
        ("Attempts", formatting.count(attempts), "Handed to a provider"),
        ("Provider errors", formatting.count(errors), "Without the requests' own faults and our refusals"),
        ("Error rate", formatting.share(errors / ended if ended else None), "Provider errors among those that ended"),
        ("Given up", formatting.count(given_up), "Cancelled or abandoned by the caller"),
    ]
    with st.grid(4, min_column_width=170):
        for label, value, note in shown:
            st.metric(label, value, help=note, border=True)


def _chart(title: str, chart: alt.Chart | None, frame: pl.DataFrame, sql: str) -> None:
    with st.container(border=True):
        st.subheader(title)
        if chart is None:
            st.caption("Nothing to draw in this span.")
            return
        st.altair_chart(chart, alt=title, key=title)
        exports.show(title.lower().replace(" ", "_").replace(",", ""), frame, sql)


def _names(frame: pl.DataFrame, label: str) -> None:
    seconds = {"latency_p50_us": "p50", "latency_p95_us": "p95", "ttft_p95_us": "first"}
    shown = frame.select(
        cleaned("name"),
        "attempts",
        "success_rate",
        "error_rate",
        *((pl.col(name) / 1e6).alias(short) for name, short in seconds.items()),
        "tokens_per_s",
        "wasted_usd",
        "priced_share",
    )
    st.dataframe(
        amounts.rounded(shown, "wasted_usd"),
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
            "wasted_usd": amounts.column(
                "Wasted", shown["wasted_usd"], explained="Known cost of attempts that were no success"
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


def _cooldowns(frame: pl.DataFrame) -> None:
    if frame.is_empty():
        st.caption("No Router of LiteLLM set a deployment aside in this span.")
        return
    st.caption("When LiteLLM's Routers left a deployment alone after it had failed; overlapping ones are told as one.")
    st.dataframe(
        frame.select(
            "began_at",
            cleaned("deployment"),
            ((pl.col("ends_at") - pl.col("began_at")).dt.total_microseconds() / 1e6).alias("lasts"),
            "times",
            cleaned("error_kind").str.replace_all("_", " "),
        ),
        hide_index=True,
        column_config={
            "began_at": st.column_config.DatetimeColumn("Began (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "deployment": st.column_config.TextColumn("Deployment"),
            "lasts": st.column_config.NumberColumn("Lasts", format="%.0f s", width="small"),
            "times": st.column_config.NumberColumn(
                "Times", format="localized", width="small", help="How often it was set aside anew, over all processes"
            ),
            "error_kind": st.column_config.TextColumn("Mostly for", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Cooldowns of deployments",
        key="cooldowns",
    )
