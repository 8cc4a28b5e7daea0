"""A quick chart of any answer: one column across, one up, perhaps one as colour."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from dashboard.charts import OTHER, OTHER_COLOUR, PALETTE
from dashboard.formatting import clean, clean_all

MOST_POINTS = 2_000
FEW_POINTS = 200
"""Beyond, points on a line are a smear."""
MOST_COLOURS = len(PALETTE)
_NONE = "none"


def show(frame: pl.DataFrame) -> None:
    """The choice of columns and the chart; says why there is none."""
    numbers = [name for name, dtype in frame.schema.items() if dtype.is_numeric()]
    if frame.is_empty() or not numbers:
        st.caption("A chart needs rows and a column of numbers.")
        return
    across = [name for name, dtype in frame.schema.items() if not dtype.is_nested()]
    others = [name for name in across if name not in numbers]
    first = across.index(others[0]) if others else 0
    with st.container(horizontal=True):
        x = str(st.selectbox("Across", across, index=first, key="chart_x", format_func=clean, width=200))
        last = len(numbers) - 1 if x == numbers[0] else 0
        y = str(st.selectbox("Up", numbers, index=last, key="chart_y", format_func=clean, width=200))
        named = [name for name in others if name != x and not frame.schema[name].is_temporal()]
        crowded = int(bool(named) and frame[x].n_unique() < frame.height)
        colour = st.selectbox(
            "Colour", [_NONE, *named], index=crowded, key="chart_colour", format_func=clean, width=200
        )
    if frame.height > MOST_POINTS:
        st.caption(f"Of the first {MOST_POINTS:,} rows.")
    st.altair_chart(
        chart(frame.head(MOST_POINTS), x, y, None if colour == _NONE else colour), alt="Chart of the answer"
    )


def chart(frame: pl.DataFrame, x: str, y: str, colour: str | None) -> alt.Chart:
    """Lines over time and numbers, bars over all else. Columns are renamed: their names may mean something to Vega."""
    kind = _kind(frame[x].dtype)
    texts = clean_all(frame[x].cast(pl.String).fill_null("unknown")) if kind == "N" else frame[x]
    data = pl.DataFrame({"x": texts, "y": frame[y].cast(pl.Float64), "colour": _colours(frame, colour)})
    base = alt.Chart(data)
    marked = base.mark_bar(color=PALETTE[0]) if kind == "N" else base.mark_line(point=data.height <= FEW_POINTS)
    named = {"color": alt.Color("colour:N", title=clean(colour), scale=_scale(data))} if colour else {}
    drawn: alt.Chart = marked.encode(
        x=alt.X(f"x:{kind}", title=clean(x), sort=None, axis=alt.Axis(labelLimit=160)),
        y=alt.Y("y:Q", title=clean(y)),
        tooltip=[alt.Tooltip(f"x:{kind}", title=clean(x)), alt.Tooltip("y:Q", title=clean(y))],
        **named,
    ).properties(height=320, width="container")
    return drawn


def _kind(dtype: pl.DataType) -> str:
    """Vega's letter for a type."""
    if dtype.is_temporal():
        return "T"
    return "Q" if dtype.is_numeric() else "N"


def _colours(frame: pl.DataFrame, colour: str | None) -> pl.Series:
    """Names to colour by: as many as there are colours, the rest together."""
    if colour is None:
        return pl.Series([""] * frame.height)
    texts = clean_all(frame[colour].cast(pl.String).fill_null("unknown"))
    names = texts.unique(maintain_order=True).to_list()
    if len(names) <= MOST_COLOURS:
        return texts
    few = texts.is_in(names[: MOST_COLOURS - 1])
    return texts.zip_with(few, pl.Series([OTHER] * frame.height))


def _scale(data: pl.DataFrame) -> alt.Scale:
    names = data["colour"].unique(maintain_order=True).to_list()
    colours = [OTHER_COLOUR if name == OTHER else PALETTE[number % MOST_COLOURS] for number, name in enumerate(names)]
    return alt.Scale(domain=names, range=colours)
