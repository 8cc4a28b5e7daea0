"""The charts of the Reliability page: data in, chart out; None when there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from dashboard.charts import OTHER, colour_scale, legend, stretches, time_axis
from dashboard.formatting import cleaned

if TYPE_CHECKING:
    from analytics.filters import Filters

HEIGHT = 260
ROW_HEIGHT = 26
US_PER_S = 1e6
THEIRS, OURS = "provider's", "ours"
FEW = 0.05
"""Below this rate an axis needs a decimal."""
_DURATION = (
    "datum.value > 0 && datum.value < 1 ? format(1000 * datum.value, '~r') + ' ms' : format(datum.value, ',') + ' s'"
)
"""How a number of seconds is written along an axis."""


def error_rate(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart | None:
    """Error rate of each stretch by name. Takes ``stats.over_time``."""
    data = _labelled(frame, filters).drop_nulls("error_rate")
    if data.is_empty():
        return None
    highest = max(float(data["error_rate"].max() or 0), 0.01)  # type: ignore[arg-type]  # a column of floats
    axis = alt.Y(
        "error_rate:Q",
        title=None,
        axis=alt.Axis(format=".0%" if highest > FEW else ".1%", tickCount=4),
        scale=alt.Scale(domain=[0, highest], nice=True),
    )
    return _lines(data, filters, palette, axis)


def latency(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart | None:
    """95th percentile of latency of each stretch by name. Takes ``stats.over_time``."""
    return _seconds(frame, filters, palette, "p95")


def median_latency(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart | None:
    """Median latency of each stretch by name. Takes ``stats.over_time``."""
    return _seconds(frame, filters, palette, "p50")


def first_token(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart | None:
    """95th percentile of the time to first token of each stretch by name. Takes ``stats.over_time``."""
    return _seconds(frame, filters, palette, "first")


def hours(frame: pl.DataFrame) -> alt.Chart | None:
    """Provider by hour of the day, the darker the more attempts failed. Takes ``stats.by_hour``."""
    if frame.is_empty():
        return None
    chart: alt.Chart = (
        alt.Chart(frame.with_columns(cleaned("provider").fill_null(OTHER)))
        .mark_rect()
        .encode(
            x=alt.X("hour:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("provider:N", title=None, axis=alt.Axis(labelLimit=140, labelOverlap=False)),
            color=_heat(),
            tooltip=[
                alt.Tooltip("provider:N", title="Provider"),
                alt.Tooltip("hour:O", title="Hour (UTC)"),
                alt.Tooltip("error_rate:Q", title="Error rate", format=".2%"),
                alt.Tooltip("provider_errors:Q", title="Provider errors", format=","),
                alt.Tooltip("ended:Q", title="Attempts", format=","),
            ],
        )
        .properties(height=alt.Step(ROW_HEIGHT))
    )
    return chart


def kinds(frame: pl.DataFrame) -> alt.Chart | None:
    """Failed attempts by kind of error, the provider's and ours apart. Takes ``stats.error_kinds``."""
    if frame.is_empty():
        return None
    data = frame.with_columns(
        cleaned("name").fill_null(OTHER),
        cleaned("kind").str.replace_all("_", " "),
        pl.when("ours").then(pl.lit(OURS)).otherwise(pl.lit(THEIRS)).alias("whose"),
    )
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("sum(errors):Q", title=None, axis=alt.Axis(format="~s", tickCount=5, tickMinStep=1)),
            y=alt.Y("kind:N", title=None, sort="-x", axis=alt.Axis(labelLimit=140, labelOverlap=False)),
            color=alt.Color(
                "whose:N",
                title=None,
                scale=alt.Scale(domain=[THEIRS, OURS], range=["#d9622b", "#7c8796"]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("name:N", title="Name"),
                alt.Tooltip("errors:Q", title="Failed attempts", format=","),
                alt.Tooltip("whose:N", title="Whose"),
            ],
            detail="name:N",
        )
        .properties(height=alt.Step(ROW_HEIGHT))
    )
    return chart


def heat_map(frame: pl.DataFrame, filters: Filters) -> alt.Chart | None:
    """Name by stretch of time, the darker the more attempts failed. Takes ``stats.over_time``."""
    data = _labelled(frame, filters).drop_nulls("error_rate")
    if data.is_empty():
        return None
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=time_axis(filters),
            x2="until:T",
            y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=140, labelOverlap=False)),
            color=_heat(),
            tooltip=_tooltips(),
        )
        .properties(height=alt.Step(ROW_HEIGHT))
    )
    return chart


def _heat() -> alt.Color:
    return alt.Color(
        "error_rate:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1], range=["#12986f", "#e9b949", "#d9622b", "#b3261e"], type="sqrt"),
        legend=alt.Legend(orient="bottom", format=".0%", gradientLength=160),
    )


def _seconds(frame: pl.DataFrame, filters: Filters, palette: dict[str, str], column: str) -> alt.Chart | None:
    data = _labelled(frame, filters).drop_nulls(column)
    if data.is_empty():
        return None
    axis = alt.Y(f"{column}:Q", title=None, axis=alt.Axis(labelExpr=_DURATION, tickCount=4))
    return _lines(data, filters, palette, axis)


def _lines(data: pl.DataFrame, filters: Filters, palette: dict[str, str], axis: alt.Y) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.5)
        .encode(
            x=time_axis(filters),
            y=axis,
            color=alt.Color("name:N", title=None, scale=colour_scale(data["name"], palette), legend=legend()),
            tooltip=_tooltips(),
        )
        .properties(height=HEIGHT)
    )
    return chart


def _tooltips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="Name"),
        alt.Tooltip("when:N", title="From (UTC)"),
        alt.Tooltip("error_rate:Q", title="Error rate", format=".2%"),
        alt.Tooltip("provider_errors:Q", title="Provider errors", format=","),
        alt.Tooltip("ended:Q", title="Attempts", format=","),
        alt.Tooltip("p50:Q", title="Latency p50 (s)", format=".2f"),
        alt.Tooltip("p95:Q", title="Latency p95 (s)", format=".2f"),
        alt.Tooltip("first:Q", title="First token p95 (s)", format=".2f"),
    ]


def _labelled(frame: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    return frame.select(
        *stretches(filters),
        cleaned("name").fill_null(OTHER),
        "error_rate",
        "provider_errors",
        "ended",
        (pl.col("latency_p50_us") / US_PER_S).alias("p50"),
        (pl.col("latency_p95_us") / US_PER_S).alias("p95"),
        (pl.col("ttft_p95_us") / US_PER_S).alias("first"),
    ).sort("at", "name")
