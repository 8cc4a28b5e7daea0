"""What the Budgets page shows: how budgets stand, one of them in full, and how they were changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.budgets import desk
from dashboard import amounts, budget_charts, formatting
from dashboard.formatting import UNKNOWN, clean, cleaned

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.budgets.desk import Desk
    from analytics.budgets.forecast import Forecast
    from analytics.budgets.outlook import Outlook
    from analytics.budgets.state import BudgetState

REACHED_PX = 245
"""Room for three thresholds and their actions, and on a laptop's screen for all columns beside it."""
_COLUMNS = {
    "amount": pl.Float64(),
    "spent": pl.Float64(),
    "burn": pl.Float64(),
    "crossed": pl.String(),
    "until": pl.Datetime("us", "UTC"),
    "unpriced": pl.Int64(),
}


def show(shown: Desk) -> None:
    """Everything, or how to begin."""
    if not shown.budgets:
        _welcome()
    else:
        with st.container(border=True):
            st.subheader("How they stand")
            _table(shown.budgets)
        _unpriced(shown.budgets)
        _unheard(shown.unheard)
        _one(shown.budgets)
    if shown.changes.height:
        with st.container(border=True):
            st.subheader("Changes")
            _changes(shown.changes)


def _welcome() -> None:
    st.info(
        "A budget warns, has routing choose cheaper deployments, or blocks, at the shares you name. "
        "Add one below, or with `scalix budget add`.",
        title="No budgets yet",
        icon=":material/savings:",
    )


def _unpriced(states: list[BudgetState]) -> None:
    for state in states:
        if state.unpriced:
            st.warning(
                f"Calls of unknown cost in the window of {clean(state.budget.name)}: "
                f"{formatting.count(state.unpriced)}. More may have been spent.",
                icon=":material/help:",
            )


def _unheard(warnings: list[str]) -> None:
    if warnings:
        st.warning("Alerts are to go to channels that there are not.", icon=":material/notifications_off:")
    for warning in warnings:
        st.text(clean(warning))


def _table(states: list[BudgetState]) -> None:
    rows = [
        {
            "name": clean(state.budget.name),
            "scope": _scope(state),
            "window": f"{state.budget.window}, {state.budget.zone}",
            "amount": state.budget.amount_usd,
            "spent": state.spent_usd,
            "share": float(state.share),
            "unpriced": state.unpriced or None,
            "burn": None if state.budget.period.length else state.burn_rate,
            "crossed": ", ".join(f"{one.percent} % {one.action}" for one in state.crossed) or None,
            "until": None if state.budget.period.length else state.end,
        }
        for state in states
    ]
    shown = pl.DataFrame(rows, schema_overrides=_COLUMNS)
    st.dataframe(
        amounts.rounded(shown, "amount", "spent"),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn("Budget"),
            "scope": st.column_config.TextColumn("For"),
            "window": st.column_config.TextColumn("Window", width=170),
            "amount": amounts.column("Amount", shown["amount"]),
            "spent": amounts.column("Spent", shown["spent"]),
            "share": st.column_config.ProgressColumn("Used", format="percent", min_value=0, max_value=1, width=110),
            "unpriced": st.column_config.NumberColumn(
                "Unpriced", format="localized", width="small", help="Calls of unknown cost; they are not in Spent"
            ),
            "burn": st.column_config.NumberColumn(
                "Burn rate", format="%.2f", width="small", help="1 spends the amount just by the window's end"
            ),
            "crossed": st.column_config.TextColumn("Reached", width=REACHED_PX),
            "until": st.column_config.DatetimeColumn("Ends (UTC)", format="MMM DD, HH:mm", width=110),
        },
        placeholder=UNKNOWN,
        alt="Budgets and how much of each is used",
        key="budgets",
    )


def _scope(state: BudgetState) -> str:
    return " and ".join(f"{name} {clean(value)}" for name, value in state.budget.scope.items()) or "everything"


def _one(states: list[BudgetState]) -> None:
    """One budget in full: the window so far, what lies ahead, and how good such forecasts have been."""
    with st.container(border=True):
        st.subheader("One budget ahead")
        by_name = {state.budget.name: state for state in states}
        name = st.selectbox("Budget", list(by_name), format_func=clean, key="budget", bind="query-params")
        state = by_name.get(name or "", states[0])
        found = desk.look(state)
        _figures(state, found)
        st.altair_chart(
            budget_charts.burn_down(state, found), alt="Spending of the window and what lies ahead", key="burn_down"
        )
        st.caption(
            "Solid: spent so far. Bands: 50 % and 90 % of futures, resampled from the last eight weeks by kind of day "
            "and hour. Dashed lines: thresholds."
            if found.ahead is not None
            else "Nothing is foretold: there is too little history, or the window has no end."
        )
        if found.past.judged:
            _past(found)


def _figures(state: BudgetState, found: Outlook) -> None:
    tiles = [
        ("Spent", formatting.money(state.spent_usd), f"of {formatting.money(state.budget.amount_usd)}"),
        ("Left", formatting.money(state.left_usd), None),
        *((f"Burn rate, {name}", f"{rate:.2f}", None) for name, rate in state.burn_rates.items()),
    ]
    if found.ahead is not None:
        low, _, middle, _, high = (formatting.money(Decimal(value)) for value in found.ahead.at_end)
        tiles += [
            ("At its end", middle, f"{low} to {high}"),
            _runs_out(found, found.ahead),
        ]
    with st.grid(4, min_column_width=150):
        for label, value, note in tiles:
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")


def _runs_out(found: Outlook, ahead: Forecast) -> tuple[str, str, str | None]:
    if ahead.all_spent:
        return ("Ran out", "All spent", f"by {found.ran_out:%b %d, %H:%M}" if found.ran_out else None)
    return ("Runs out", formatting.share(ahead.chance), _when(ahead.runs_out))


def _when(dates: tuple[datetime | None, ...]) -> str | None:
    known = [at for at in dates if at is not None]
    if not known:
        return None
    return (
        f"{known[0]:%b %d, %H:%M} or later"
        if len(known) == 1
        else f"{known[0]:%b %d, %H:%M} to {known[-1]:%b %d, %H:%M}"
    )


def _past(found: Outlook) -> None:
    st.markdown("**Past forecasts**")
    ratio = found.past.loss_ratio
    st.caption(
        f"Of {len(found.past.judged)} forecasts made again with what was known then, "
        f"{formatting.rough_share(found.past.within_90 or 0)} of outcomes lay in the 90 % interval and "
        f"{formatting.rough_share(found.past.within_50 or 0)} in the 50 % one."
        + (f" Their loss is {ratio:.2f} of seasonal-naive's." if ratio is not None else "")
    )
    st.altair_chart(budget_charts.past_forecasts(found), alt="Past forecasts and what came", key="past_forecasts")


def _changes(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select("changed_at", cleaned("name"), cleaned("changed_by"), cleaned("reason"), cleaned("definition")),
        hide_index=True,
        column_config={
            "changed_at": st.column_config.DatetimeColumn("Changed at (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "name": st.column_config.TextColumn("Budget", width="small"),
            "changed_by": st.column_config.TextColumn("By", width="small"),
            "reason": st.column_config.TextColumn("Reason"),
            "definition": st.column_config.TextColumn("Definition"),
        },
        placeholder=UNKNOWN,
        alt="Changes of budgets",
        key="changes",
    )
