"""The charts of the cost page that are no lines over time: bars by token class, and by cause of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from dashboard.charts import PALETTE

if TYPE_CHECKING:
    from analytics.spend.split import Split

CAUSES = {
    "volume": "Volume",
    "mix": "Mix",
    "tokens": "Tokens per call",
    "cache": "Cache share",
    "price": "Price",
    "retries": "Retries",
}
_ROW = 34


def by_class(frame: pl.DataFrame) -> alt.Chart:
    """What each class of token cost. Takes ``Detail.classes``."""
    data = frame.select(
        pl.col("token_class").str.replace_all("_", " ").alias("name"), pl.col("spent_usd").cast(pl.Float64), "tokens"
    )
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar(color=PALETTE[0])
        .encode(
            x=alt.X("spent_usd:Q", title=None, axis=alt.Axis(format="$~s", tickCount=4)),
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=120)),
            tooltip=[
                alt.Tooltip("name:N", title="Class"),
                alt.Tooltip("spent_usd:Q", title="Spent", format="$,.6~f"),
                alt.Tooltip("tokens:Q", title="Tokens", format=","),
            ],
        )
        .properties(height=max(4, frame.height) * _ROW)
    )
    return chart


def by_cause(split: Split) -> alt.Chart:
    """What each cause added or took away."""
    data = pl.DataFrame(
        {
            "name": [CAUSES[cause] for cause in split.parts],
            "amount": [float(part) for part in split.parts.values()],
        }
    )
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("amount:Q", title=None, axis=alt.Axis(format="+$~s", tickCount=4)),
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=120)),
            color=alt.condition("datum.amount > 0", alt.value(PALETTE[1]), alt.value(PALETTE[2])),
            tooltip=[
                alt.Tooltip("name:N", title="Cause"),
                alt.Tooltip("amount:Q", title="Change", format="+$,.6~f"),
            ],
        )
        .properties(height=len(CAUSES) * _ROW)
    )
    return chart
