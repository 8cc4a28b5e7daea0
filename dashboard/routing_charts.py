"""The chart of the Routing page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboard.charts import OTHER, colour_scale, legend, stacked, stretches, time_axis
from dashboard.formatting import cleaned

if TYPE_CHECKING:
    import polars as pl

    from analytics.filters import Filters

HEIGHT = 260


def shares(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart:
    """Requests of each stretch by deployment, stacked. Takes ``decisions.shares``, with at least one row."""
    data = frame.select(
        *stretches(filters),
        cleaned("name").fill_null(OTHER),
        "decisions",
        "explored",
    ).sort("at", "name")
    data = stacked(data, "decisions")
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=time_axis(filters),
            x2="until:T",
            y=alt.Y("below:Q", title=None, axis=alt.Axis(tickCount=5, format="~s")),
            y2="above:Q",
            color=alt.Color("name:N", title=None, scale=colour_scale(data["name"], palette), legend=legend()),
            tooltip=[
                alt.Tooltip("name:N", title="Deployment"),
                alt.Tooltip("when:N", title="From (UTC)"),
                alt.Tooltip("decisions:Q", title="Requests", format=","),
                alt.Tooltip("explored:Q", title="By exploring", format=","),
            ],
        )
        .properties(height=HEIGHT)
    )
    return chart
