"""What the Failover page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.failover import edges as failover_edges
from analytics.failover import requests as failover_requests
from analytics.failover.recovery import Recovery, recovery
from analytics.reliability.episodes import Episode, as_frame, asked_minutes, episodes
from analytics.written import with_values
from dashboard import chain_section, charts, exports, failover_charts, failover_tables, formatting

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from analytics.failover.requests import Outcomes
    from analytics.filters import Filters


@dataclass(frozen=True)
class Figures:
    """Everything the page shows of a span."""

    outcomes: Outcomes
    priced_share: float | None
    episodes: list[Episode]
    recovery: Recovery
    edges: pl.DataFrame
    requests: pl.DataFrame
    requests_sql: str


def read(filters: Filters) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    found = episodes(filters)
    requests, sql = failover_requests.chained_requests(filters)
    return Figures(
        outcomes=failover_requests.outcomes(filters),
        priced_share=failover_requests.priced_share(filters),
        episodes=found,
        recovery=recovery(found),
        edges=failover_edges.edges(filters),
        requests=requests,
        requests_sql=sql,
    )


def show(figures: Figures, filters: Filters) -> None:
    """Tiles, charts and tables."""
    if filters.users or filters.tags:
        st.caption("User and tag do not apply here.")
    _tiles(figures)
    _episodes(figures, filters)
    _flow(figures.edges, filters)
    with st.container(border=True):
        st.subheader("Requests of more than one attempt")
        if figures.requests.is_empty():
            st.caption("Every request in this span took one attempt.")
            return
        st.caption("The latest, newest first. Choose one to see its chain.")
        chosen = failover_tables.requests(figures.requests)
        exports.show("requests", figures.requests, figures.requests_sql)
        if chosen is not None:
            row = figures.requests.row(chosen, named=True)
            chain_section.show(row["request_id"], row["began_at"])


def _tiles(figures: Figures) -> None:
    outcomes, recovered = figures.outcomes, figures.recovery
    saved = f"{formatting.share(outcomes.without_failover)} without retries and failover"
    shown = [
        ("Requests answered", formatting.share(outcomes.request_success_rate), saved),
        ("Attempts that held", formatting.share(outcomes.attempt_success_rate), "not failed by the provider"),
        ("Saved requests", formatting.count(outcomes.recovered), "answered after an attempt had failed"),
        ("Time in failover", formatting.duration(outcomes.failover_us), "in failed attempts of answered requests"),
        ("Wasted", formatting.money(outcomes.wasted_usd), "known cost of attempts that were no success"),
        ("Time to detect", _length(recovered.to_detect), f"mean of {recovered.episodes} episodes"),
        ("Time to recover", _length(recovered.to_recover), "MTTR, from the first error to the last"),
    ]
    known = {"Wasted": formatting.priced(figures.priced_share)}
    with st.grid(4, min_column_width=170):
        for label, value, note in shown:
            st.metric(
                label,
                value,
                known.get(label),
                delta_color="off",
                delta_arrow="off",
                help=note,
                border=True,
                height="stretch",
            )


def _length(length: object) -> str:
    return formatting.duration(None if length is None else length.total_seconds() * 1e6)  # type: ignore[attr-defined]  # a timedelta


def _episodes(figures: Figures, filters: Filters) -> None:
    with st.container(border=True):
        st.subheader("Episodes")
        chart = failover_charts.timeline(figures.episodes, filters)
        if chart is None:
            st.caption("No deployment was down or degraded in this span, as far as there were attempts to tell by.")
            return
        _draw(chart, "Episodes over time")
        exports.show("episodes", as_frame(figures.episodes), with_values(*asked_minutes(filters)))


def _flow(edges: pl.DataFrame, filters: Filters) -> None:
    with st.container(border=True):
        st.subheader("Where failed requests moved")
        if edges.is_empty():
            st.caption("No request moved from one deployment to another in this span.")
            return
        palette = charts.colours(formatting.clean_all(edges["moved_from"].unique()).to_list())
        chart = failover_charts.flow(edges, palette)
        if chart is not None:
            _draw(chart, "Flow from failed to serving deployments")
        failover_tables.edges(edges)
        exports.show("failovers", edges, with_values(*failover_edges.asked(filters)))


def _draw(chart: alt.Chart | alt.LayerChart | alt.FacetChart, title: str) -> None:
    st.altair_chart(chart, alt=title, key=title)
