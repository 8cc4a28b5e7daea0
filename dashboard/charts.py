"""Data in, chart out. Labels are plain text to Vega; names from outside are cleaned before they get here."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from dashboard.formatting import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from analytics.filters import Filters

OTHER = "other"
OTHER_COLOUR = "#7c8796"
# Each keeps a contrast of 3 to 1 with both backgrounds of the theme, so one palette serves light and dark.
PALETTE = ("#3b82f6", "#d9622b", "#12986f", "#9a5cf0", "#d6409f", "#b8860b", "#0a93b8", "#e5484d")
_PREFERRED = {
    "openai": 0,
    "anthropic": 1,
    "gemini": 2,
    "vertex_ai": 2,
    "azure": 6,
    "bedrock": 5,
    "mistral": 4,
    "groq": 7,
    "deepseek": 3,
}
_HEIGHT = 260
FEW = 0.05
"""Below this rate an axis needs a decimal."""


def colours(providers: Iterable[str]) -> dict[str, str]:
    """A colour for each provider: well-known ones keep theirs on every page, the rest take what is free, by name."""
    names = sorted(set(providers) - {OTHER})
    given: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name not in _PREFERRED, name)):
        wanted = PALETTE[_PREFERRED[name]] if name in _PREFERRED else None
        free = [colour for colour in PALETTE if colour not in given.values()]
        given[name] = wanted if wanted in free else free[0] if free else OTHER_COLOUR
    return {**given, OTHER: OTHER_COLOUR}


def cost_over_time(
    frame: pl.DataFrame, filters: Filters, palette: dict[str, str], title: str = "Provider"
) -> alt.Chart | None:
    """Stacked cost of each stretch by provider; None when no cost is known. Takes ``stats.providers_over_time``."""
    priced = frame.filter(pl.col("spent_usd").is_not_null())
    if priced.is_empty():
        return None
    data = stacked(_labelled(priced, filters), "spent")
    chart: alt.Chart = (
        _chart(data)
        .mark_rect()
        .encode(
            x=time_axis(filters),
            x2="until:T",
            y=alt.Y(
                "below:Q", title=None, scale=alt.Scale(nice=True), axis=alt.Axis(format=_dollars(data), tickCount=5)
            ),
            y2="above:Q",
            color=_colour(data, palette),
            tooltip=[
                alt.Tooltip("provider:N", title=title),
                alt.Tooltip("when:N", title="From (UTC)"),
                alt.Tooltip("spent:Q", title="Spent", format="$,.6~f"),
                alt.Tooltip("unpriced:Q", title="Unpriced attempts", format=","),
            ],
        )
    )
    return chart


def error_rate_over_time(frame: pl.DataFrame, filters: Filters, palette: dict[str, str]) -> alt.Chart | None:
    """Error rate of each stretch by provider; None when nothing ended. Takes ``stats.providers_over_time``."""
    ended = frame.filter(pl.col("error_rate").is_not_null())
    if ended.is_empty():
        return None
    data = _labelled(ended, filters)
    highest = max(float(data["error_rate"].max() or 0), 0.01)  # type: ignore[arg-type]  # a column of floats
    chart: alt.Chart = (
        _chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.5)
        .encode(
            x=time_axis(filters),
            y=alt.Y(
                "error_rate:Q",
                title=None,
                axis=alt.Axis(format=".0%" if highest > FEW else ".1%", tickCount=4),
                scale=alt.Scale(domain=[0, highest], nice=True),
            ),
            color=_colour(data, palette),
            tooltip=[
                _provider_tooltip(),
                alt.Tooltip("when:N", title="From (UTC)"),
                alt.Tooltip("error_rate:Q", title="Error rate", format=".2%"),
                alt.Tooltip("provider_errors:Q", title="Provider errors", format=","),
                alt.Tooltip("ended:Q", title="Attempts", format=","),
            ],
        )
    )
    return chart


def _labelled(frame: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    return frame.select(
        *stretches(filters),
        cleaned("provider").fill_null(OTHER),
        pl.col("spent_usd").cast(pl.Float64).alias("spent"),
        "unpriced",
        "ended",
        "provider_errors",
        "error_rate",
    ).sort("at", "provider")


def stretches(filters: Filters) -> list[pl.Expr]:
    """From when until when each mark stands, as Vega takes it whatever the viewer's zone, and as text."""
    return [
        pl.col("at").dt.epoch("ms"),
        (pl.col("at") + filters.bucket).dt.epoch("ms").alias("until"),
        pl.col("at").dt.strftime("%Y-%m-%d %H:%M").alias("when"),
    ]


def stacked(data: pl.DataFrame, height: str) -> pl.DataFrame:
    """Where each part of a column begins and ends: Vega does not stack marks that have a width in time."""
    above = pl.col(height).cum_sum().over("at").alias("above")
    return data.with_columns(above).with_columns((pl.col("above") - pl.col(height)).alias("below"))


def _chart(data: pl.DataFrame) -> alt.Chart:
    return alt.Chart(data).properties(height=_HEIGHT)


def _dollars(data: pl.DataFrame) -> str:
    """As many decimals as the axis needs to tell its ticks apart."""
    top = float(data["above"].max() or 0)  # type: ignore[arg-type]  # a column of floats
    if top >= 10_000:  # noqa: PLR2004 - longer labels do not fit
        return "$~s"
    return f"$,.{max(0, 1 - floor(log10(top))) if top > 0 else 0}f"


def time_axis(filters: Filters) -> alt.X:
    """The whole span in UTC. It begins and ends with a stretch, so that a refresh rarely moves it."""
    last = filters.first_bucket + filters.bucket * ceil((filters.end - filters.first_bucket) / filters.bucket)
    short = filters.span <= timedelta(days=1)
    return alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[_moment(filters.first_bucket), _moment(last)], nice=False),
        axis=alt.Axis(labelOverlap=True, tickCount=6, grid=False, format="%H:%M" if short else "%b %d"),
    )


def _moment(at: datetime) -> alt.DateTime:
    """A plain number in a time domain would be taken for a year."""
    return alt.DateTime(
        year=at.year, month=at.month, date=at.day, hours=at.hour, minutes=at.minute, seconds=at.second, utc=True
    )


def _colour(data: pl.DataFrame, palette: dict[str, str]) -> alt.Color:
    return alt.Color("provider:N", title=None, scale=colour_scale(data["provider"], palette), legend=legend())


def colour_scale(names: pl.Series, palette: dict[str, str]) -> alt.Scale:
    """Each name's colour; the same name has the same one in every chart of a page."""
    shown = names.unique().sort().to_list()
    return alt.Scale(domain=shown, range=[palette.get(name, OTHER_COLOUR) for name in shown])


def legend() -> alt.Legend:
    """Below the chart, where it takes no width from it."""
    return alt.Legend(
        orient="bottom",
        columns=3,
        labelLimit=90,
        labelFontSize=12,
        symbolType="square",
        symbolSize=80,
        padding=0,
        offset=8,
        rowPadding=2,
        columnPadding=12,
        titlePadding=0,
    )


def _provider_tooltip() -> alt.Tooltip:
    return alt.Tooltip("provider:N", title="Provider")
