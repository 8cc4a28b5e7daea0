"""The charts of the Budgets page: spending of a window with what lies ahead, and past forecasts against what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from analytics.budgets.forecast import HOUR
from dashboard.charts import OTHER_COLOUR, PALETTE

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.budgets.outlook import Outlook
    from analytics.budgets.state import BudgetState

_HEIGHT = 300
_LIMIT = PALETTE[7]
_NAMES = ("p05", "p25", "p50", "p75", "p95")


def burn_down(state: BudgetState, found: Outlook) -> alt.LayerChart | alt.FacetChart:
    """Dollars spent since the window's start, the amount, and the fan of what they will be."""
    layers = [_spent(state, found), _limits(state)]
    if found.ahead is not None:
        rows = [_row(state.at, (float(state.spent_usd),) * len(_NAMES))]
        rows += [_row(at, values) for at, values in found.ahead.fan]
        fan = pl.DataFrame(rows)
        layers = [_band(fan, "p05", "p95", 0.18), _band(fan, "p25", "p75", 0.3), _middle(fan), *layers]
    return alt.layer(*layers).properties(height=_HEIGHT)


def past_forecasts(found: Outlook) -> alt.LayerChart | alt.FacetChart:
    """For each past forecast the 90 % and 50 % intervals, and what came."""
    rows = [{**_row(one.at, one.foretold), "found": one.found, "hit": one.covered(0, -1)} for one in found.past.judged]
    base = alt.Chart(pl.DataFrame(rows)).encode(x=_time())
    scale = alt.Scale(domain=[True, False], range=[PALETTE[2], _LIMIT])
    wide = base.mark_rule(strokeWidth=2, opacity=0.45, color=PALETTE[0]).encode(y=_dollars("p05"), y2="p95:Q")
    narrow = base.mark_rule(strokeWidth=6, opacity=0.45, color=PALETTE[0]).encode(y=_dollars("p25"), y2="p75:Q")
    came = base.mark_point(filled=True, size=40, opacity=1).encode(
        y=_dollars("found"),
        color=alt.Color("hit:N", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip("when:N", title="Made at (UTC)"),
            alt.Tooltip("found:Q", title="Came", format="$,.4~f"),
            alt.Tooltip("p05:Q", title="5 %", format="$,.4~f"),
            alt.Tooltip("p50:Q", title="Middle", format="$,.4~f"),
            alt.Tooltip("p95:Q", title="95 %", format="$,.4~f"),
        ],
    )
    return alt.layer(wide, narrow, came).properties(height=220)


def _spent(state: BudgetState, found: Outlook) -> alt.Chart:
    history = found.history
    moments = [(history.first + HOUR * n, value) for n, value in enumerate(history.values)]
    total, points = 0.0, [(state.start, 0.0)]
    for at, value in moments:
        if at >= state.start and at + HOUR <= state.at:
            total += value
            points.append((at + HOUR, total))
    points.append((state.at, float(state.spent_usd)))
    data = pl.DataFrame([{**_moment(at), "spent": value} for at, value in points])
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_line(color=PALETTE[0], strokeWidth=2.5)
        .encode(
            x=_time(),
            y=_dollars("spent"),
            tooltip=[
                alt.Tooltip("when:N", title="Until (UTC)"),
                alt.Tooltip("spent:Q", title="Spent", format="$,.4~f"),
            ],
        )
    )
    return chart


def _limits(state: BudgetState) -> alt.Chart:
    amount = float(state.budget.amount_usd)
    rows = [{"percent": f"{one.percent} %", "level": amount * one.percent / 100} for one in state.budget.thresholds]
    chart: alt.Chart = (
        alt.Chart(pl.DataFrame(rows or [{"percent": "100 %", "level": amount}]))
        .mark_rule(color=_LIMIT, strokeDash=[5, 4], opacity=0.8)
        .encode(
            y="level:Q",
            tooltip=[
                alt.Tooltip("percent:N", title="Threshold"),
                alt.Tooltip("level:Q", title="At", format="$,.4~f"),
            ],
        )
    )
    return chart


def _band(fan: pl.DataFrame, low: str, high: str, opacity: float) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(fan).mark_area(color=OTHER_COLOUR, opacity=opacity).encode(x=_time(), y=_dollars(low), y2=f"{high}:Q")
    )
    return chart


def _middle(fan: pl.DataFrame) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(fan)
        .mark_line(color=OTHER_COLOUR, strokeDash=[3, 3])
        .encode(
            x=_time(),
            y=_dollars("p50"),
            tooltip=[
                alt.Tooltip("when:N", title="At (UTC)"),
                alt.Tooltip("p50:Q", title="Middle", format="$,.4~f"),
                alt.Tooltip("p05:Q", title="5 %", format="$,.4~f"),
                alt.Tooltip("p95:Q", title="95 %", format="$,.4~f"),
            ],
        )
    )
    return chart


def _row(at: datetime, values: tuple[float, ...]) -> dict[str, Any]:
    return {**_moment(at), **dict(zip(_NAMES, values, strict=True))}


def _moment(at: datetime) -> dict[str, Any]:
    return {"at": int(at.timestamp() * 1000), "when": f"{at:%Y-%m-%d %H:%M}"}


def _time() -> alt.X:
    axis = alt.Axis(labelOverlap=True, tickCount=6, grid=False)
    return alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _dollars(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(format="$,.4~f", tickCount=5))
