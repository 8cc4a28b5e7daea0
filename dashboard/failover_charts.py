"""The charts of the Failover page: data in, chart out; None when there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from dashboard.charts import time_axis
from dashboard.flows import bands, nodes
from dashboard.formatting import clean, cleaned

if TYPE_CHECKING:
    from analytics.filters import Filters
    from analytics.reliability.episodes import Episode

ROW_HEIGHT = 26
LEAST_PART = 1 / 200
"""No episode is drawn shorter than this part of the span: its bar would be too narrow to see."""
FLOW_HEIGHT = 320
US_PER_S = 1e6
LABELS = "#7c8796"
BESIDE = 0.7
"""Room for names on each side of a flow, as a share of the flow's width."""
OUTAGE, DEGRADATION = "#b3261e", "#e9b949"
ENDINGS = {"answered": "#12986f", "failed": "#d9622b", "given up": "#7c8796"}
_ENDINGS = {"success": "answered", "failure": "failed"}
MOST_EDGES = 30
"""More cannot be told apart in a flow."""


def timeline(episodes: list[Episode], filters: Filters) -> alt.Chart | None:
    """Episodes as bars over time, a row for each deployment."""
    if not episodes:
        return None
    chart: alt.Chart = (
        alt.Chart(_bars(episodes, filters))
        .mark_bar(height=14, cornerRadius=3)
        .encode(
            x=time_axis(filters),
            x2="until:T",
            y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=150, labelOverlap=False)),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=["outage", "degradation"], range=[OUTAGE, DEGRADATION]),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Deployment"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("from:N", title="From (UTC)"),
                alt.Tooltip("to:N", title="To (UTC)"),
                alt.Tooltip("cause:N", title="Cause"),
                alt.Tooltip("depth:Q", title="Worst rate", format=".1%"),
                alt.Tooltip("errors:Q", title="Provider errors", format=","),
            ],
        )
        .properties(height=alt.Step(ROW_HEIGHT))
    )
    return chart


def _bars(episodes: list[Episode], filters: Filters) -> pl.DataFrame:
    least = filters.span * LEAST_PART
    return (
        pl.DataFrame(
            {
                "name": [clean(one.deployment or f"{one.provider or 'unknown'}, all") for one in episodes],
                "at": [one.started_at for one in episodes],
                "until": [one.ended_at for one in episodes],
                "kind": [one.kind for one in episodes],
                "cause": [one.cause.replace("_", " ") for one in episodes],
                "depth": [one.depth for one in episodes],
                "errors": [one.provider_errors for one in episodes],
            }
        )
        .with_columns(
            pl.col("at").dt.strftime("%Y-%m-%d %H:%M").alias("from"),
            pl.col("until").dt.strftime("%Y-%m-%d %H:%M").alias("to"),
            pl.min_horizontal("at", pl.lit(filters.end - least)),
        )
        .with_columns(
            pl.col("at").dt.epoch("ms"),
            pl.max_horizontal("until", pl.col("at") + least).dt.epoch("ms"),
        )
    )


def flow(edges: pl.DataFrame, palette: dict[str, str]) -> alt.LayerChart | alt.FacetChart | None:
    """Failed deployments on the left, those that requests moved to on the right, as a Sankey diagram."""
    shown = edges.head(MOST_EDGES).with_columns(cleaned("moved_from"), cleaned("moved_to"))
    if shown.is_empty():
        return None
    colour = alt.Color("moved_from:N", scale=alt.Scale(domain=list(palette), range=list(palette.values())), legend=None)
    links = (
        alt.Chart(bands(shown))
        .mark_area(opacity=0.55, interpolate="monotone")
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-BESIDE, 1 + BESIDE], nice=False)),
            y=alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[0, 1], reverse=True, nice=False)),
            y2="bottom:Q",
            color=colour,
            detail="link:N",
            tooltip=[
                alt.Tooltip("moved_from:N", title="From"),
                alt.Tooltip("moved_to:N", title="To"),
                alt.Tooltip("moves:Q", title="Moves", format=","),
                alt.Tooltip("reason:N", title="Mostly for"),
            ],
        )
    )
    ends = alt.Chart(nodes(shown))
    blocks = ends.mark_rect(color="#7c8796").encode(x="left:Q", x2="right:Q", y="top:Q", y2="bottom:Q")
    room = alt.expr(f"{BESIDE / (1 + 2 * BESIDE):.3f} * width - 14")
    left = ends.transform_filter("datum.side == 'from'").mark_text(
        align="right", dx=-8, fontSize=12, limit=room, color=LABELS
    )
    right = ends.transform_filter("datum.side == 'to'").mark_text(
        align="left", dx=8, fontSize=12, limit=room, color=LABELS
    )
    labels = [one.encode(x="label_x:Q", y="middle:Q", text="label:N") for one in (left, right)]
    return alt.layer(links, blocks, *labels).properties(height=FLOW_HEIGHT)


def waterfall(chain: pl.DataFrame) -> alt.LayerChart | alt.FacetChart | None:
    """The attempts of one request, each from its start to its end, in seconds after the first began."""
    if chain.is_empty():
        return None
    first = chain["started_at"].min()
    started = (pl.col("started_at") - first).dt.total_microseconds() / US_PER_S
    data = chain.with_row_index("number", 1).select(
        pl.format("{}. {}", "number", cleaned("deployment")).alias("attempt"),
        started.alias("begun"),
        (started + pl.col("latency_us").fill_null(0) / US_PER_S).alias("ended"),
        pl.col("status").replace_strict(_ENDINGS, default="given up").alias("ending"),
        cleaned("error_kind").str.replace_all("_", " ").fill_null("").alias("error"),
        (pl.col("latency_us") / US_PER_S).alias("seconds"),
        "tokens_in",
        "tokens_out",
        pl.col("cost_usd").cast(pl.Float64),
    )
    base = alt.Chart(data).encode(
        y=alt.Y("attempt:N", title=None, sort=None, axis=alt.Axis(labelLimit=190, labelOverlap=False)),
    )
    bars = base.mark_bar(height=16, cornerRadius=2, minBandSize=3).encode(
        x=alt.X("begun:Q", title=None, axis=alt.Axis(labelExpr="datum.label + ' s'", tickCount=6, grid=False)),
        x2="ended:Q",
        color=alt.Color(
            "ending:N",
            title=None,
            scale=alt.Scale(domain=list(ENDINGS), range=list(ENDINGS.values())),
            legend=alt.Legend(orient="bottom"),
        ),
        tooltip=[
            alt.Tooltip("attempt:N", title="Attempt"),
            alt.Tooltip("ending:N", title="Ended"),
            alt.Tooltip("error:N", title="Error"),
            alt.Tooltip("begun:Q", title="Began after (s)", format=".3f"),
            alt.Tooltip("seconds:Q", title="Took (s)", format=".3f"),
            alt.Tooltip("tokens_in:Q", title="Tokens in", format=","),
            alt.Tooltip("tokens_out:Q", title="Tokens out", format=","),
            alt.Tooltip("cost_usd:Q", title="Cost ($)", format=".6f"),
        ],
    )
    words = base.mark_text(align="left", dx=6, fontSize=12, color="#7c8796").encode(x="ended:Q", text="error:N")
    return alt.layer(bars, words).properties(height=alt.Step(ROW_HEIGHT))
