"""What the overview shows, section by section; each takes figures and draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics import history, stats
from analytics.stats import Totals
from dashboard import charts, comparing, exports, formatting, tables
from dashboard.tiles import Tile, coverage, tiles

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from analytics.filters import Filters
    from analytics.stats import Freshness

_INSTALL = """import scalix

scalix.install()  # once, before the first LiteLLM call
"""
_PROXY = """litellm_settings:
  callbacks: scalix.litellm_callback.collector
"""


@dataclass(frozen=True)
class Figures:
    """Everything the overview shows of one period."""

    now: Totals
    before: Totals
    """Nothing where calls are not on record for long enough to compare with."""
    began_too_late: datetime | None
    """Since when they are, then."""
    providers: pl.DataFrame
    failovers: pl.DataFrame
    models: pl.DataFrame


def read(filters: Filters) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    now, before = stats.totals(filters)
    began_too_late = history.began_too_late(filters, history.recorded_since())
    return Figures(
        now=now,
        before=Totals() if began_too_late else before,
        began_too_late=began_too_late,
        providers=stats.providers_over_time(filters),
        failovers=stats.latest_failovers(filters),
        models=stats.top_models(filters),
    )


def show_figures(figures: Figures, filters: Filters) -> None:
    """Tiles, charts and tables."""
    comparing.show_began_too_late(figures.began_too_late)
    _show_tiles(tiles(figures.now, figures.before))
    palette = charts.colours(formatting.clean_all(figures.providers["provider"].drop_nulls().unique()).to_list())
    by_provider = stats.readable("providers_over_time", filters)
    with st.grid(2, min_column_width=420):
        with st.container(border=True):
            st.subheader("Cost by provider")
            _known(figures.now)
            cost = charts.cost_over_time(figures.providers, filters, palette)
            if cost is None:
                st.caption("No attempt in this span has a known cost.")
            else:
                st.altair_chart(cost, alt="Cost over time by provider", key="cost_over_time")
                exports.show("cost_by_provider", figures.providers, by_provider)
        with st.container(border=True):
            st.subheader("Error rate by provider")
            errors = charts.error_rate_over_time(figures.providers, filters, palette)
            if errors is None:
                st.caption("No attempt in this span has ended at a provider.")
            else:
                st.altair_chart(errors, alt="Error rate over time by provider", key="errors_over_time")
                exports.show("error_rate_by_provider", figures.providers, by_provider)
    with st.container(border=True):
        st.subheader("Latest failovers")
        if figures.failovers.is_empty():
            st.caption("No call moved from one deployment to another in this span.")
        else:
            tables.failovers(figures.failovers)
            exports.show("latest_failovers", figures.failovers, stats.readable("latest_failovers", filters))
    with st.container(border=True):
        st.subheader("Top models by cost")
        _known(figures.now)
        tables.models(figures.models)
        exports.show("top_models", figures.models, stats.readable("top_models", filters))


def _known(now: Totals) -> None:
    if known := coverage(now):
        st.caption(f"Known cost, {known}")


def show_freshness(freshness: Freshness, now: datetime) -> None:
    """How old the newest row is and what is still unread."""
    parts = []
    if freshness.newest_attempt_at is not None:
        age = stats.age(freshness.newest_attempt_at, now)
        parts.append(f"Newest call {formatting.duration(age.total_seconds() * 1e6)} ago")
    if freshness.lag_bytes is not None:
        parts.append("spool read to its end" if freshness.lag_bytes == 0 else f"{_size(freshness.lag_bytes)} unread")
    parts.append(f"as of {now:%H:%M:%S} UTC")
    st.caption(" · ".join(parts))


def show_welcome() -> None:
    """What to do when nothing has been recorded yet."""
    st.info(
        "As soon as an application with the collector makes a call, it appears here within seconds.",
        title="No calls recorded yet",
        icon=":material/inbox:",
    )
    st.markdown("In an application that uses LiteLLM:")
    st.code(_INSTALL, language="python")
    st.markdown("In the configuration of LiteLLM Proxy:")
    st.code(_PROXY, language="yaml")
    st.markdown("To see this page with made-up traffic against local fake providers:")
    st.code("scalix demo", language="bash")


def _show_tiles(shown: list[Tile]) -> None:
    with st.grid(5, min_column_width=150):
        for tile in shown:
            st.metric(
                tile.label,
                tile.value,
                tile.change.text,
                delta_color=tile.change.direction,
                delta_arrow="off" if tile.change is formatting.UNCHANGED else "auto",
                delta_description=tile.note,
                help=tile.explanation,
                border=True,
                height="stretch",
            )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"  # noqa: PLR2004 - where MB read better
