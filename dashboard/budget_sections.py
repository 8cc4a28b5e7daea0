"""What the Budgets page shows, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboard import formatting
from dashboard.formatting import UNKNOWN, clean, cleaned

if TYPE_CHECKING:
    from analytics.alerts.desk import Desk
    from analytics.budgets.state import BudgetState

_ADD = """scalix budget add all 250 --window month --at 80 --at 100=block
scalix budget add search 40 --window week --zone Europe/Berlin --for team=search
"""
_MAY_BE_EMPTY = {"burn": pl.Float64(), "crossed": pl.String(), "until": pl.Datetime("us", "UTC")}
_CHANNEL = "scalix alert add ops https://example.com/hooks/scalix\nscalix alert test ops\n"


def show(desk: Desk) -> None:
    """Everything, or how to begin."""
    if not desk.budgets:
        _welcome()
    else:
        with st.container(border=True):
            st.subheader("How they stand")
            _budgets(desk.budgets)
        for state in desk.budgets:
            if state.unpriced:
                st.warning(
                    f"Calls of unknown cost in the window of {clean(state.budget.name)}: "
                    f"{formatting.count(state.unpriced)}. More may have been spent.",
                    icon=":material/help:",
                )
    with st.container(border=True):
        st.subheader("Alerts")
        _alerts(desk)
    with st.container(border=True):
        st.subheader("Deliveries")
        _messages(desk)
    if desk.changes.height:
        with st.container(border=True):
            st.subheader("Changes")
            _changes(desk.changes)


def _welcome() -> None:
    st.info(
        "A budget warns, has routing choose cheaper deployments, or blocks, at the shares you name.",
        title="No budgets yet",
        icon=":material/savings:",
    )
    st.code(_ADD, language="bash")


def _budgets(states: list[BudgetState]) -> None:
    rows = [
        {
            "name": clean(state.budget.name),
            "scope": " and ".join(f"{name} {clean(value)}" for name, value in state.budget.scope.items())
            or "everything",
            "window": f"{state.budget.window}, {state.budget.zone}",
            "amount": float(state.budget.amount_usd),
            "spent": float(state.spent_usd),
            "unpriced": state.unpriced,
            "share": float(state.share),
            "burn": None if state.budget.period.length else state.burn_rate,
            "crossed": ", ".join(f"{one.percent} % {one.action}" for one in state.crossed) or None,
            "until": None if state.budget.period.length else state.end,
        }
        for state in states
    ]
    st.dataframe(
        pl.DataFrame(
            rows, schema_overrides={"burn": pl.Float64, "crossed": pl.String, "until": pl.Datetime("us", "UTC")}
        ),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn("Budget"),
            "scope": st.column_config.TextColumn("For"),
            "window": st.column_config.TextColumn("Window", width="small"),
            "amount": st.column_config.NumberColumn("Amount", format="dollar", width="small"),
            "spent": st.column_config.NumberColumn("Spent", format="dollar", width="small"),
            "unpriced": st.column_config.NumberColumn(
                "Unpriced",
                format="localized",
                width="small",
                help="Attempts that used tokens at a cost that nobody knows: more than what is spent may be",
            ),
            "share": st.column_config.ProgressColumn("Used", format="percent", min_value=0, max_value=1),
            "burn": st.column_config.NumberColumn(
                "Burn rate", format="%.2f", width="small", help="1 spends the amount just by the window's end"
            ),
            "crossed": st.column_config.TextColumn("Reached", width="small"),
            "until": st.column_config.DatetimeColumn("Ends (UTC)", format="MMM DD, HH:mm", width=110),
        },
        placeholder=UNKNOWN,
        alt="Budgets and how much of each is used",
        key="budgets",
    )


def _scope(state: BudgetState) -> str:
    return " and ".join(f"{name} {clean(value)}" for name, value in state.budget.scope.items()) or "everything"


def _alerts(desk: Desk) -> None:
    if not desk.alerts:
        st.caption("No threshold has been reached yet.")
        return
    frame = pl.DataFrame(desk.alerts).select(
        "state", cleaned("subject"), "threshold", pl.from_epoch("since_us", time_unit="us").alias("changed_at")
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "state": st.column_config.TextColumn("State", width="small"),
            "subject": st.column_config.TextColumn("Budget"),
            "threshold": st.column_config.TextColumn("Threshold", width="small"),
            "changed_at": st.column_config.DatetimeColumn("Since (UTC)", format="MMM DD, HH:mm:ss"),
        },
        alt="Alerts and their state",
        key="alerts",
    )


def _messages(desk: Desk) -> None:
    if not desk.channels:
        st.caption("Alerts are told nowhere yet. Add a webhook, then try it:")
        st.code(_CHANNEL, language="bash")
        return
    for channel in desk.channels:
        if channel.disabled_because:
            st.warning(f"Nothing is delivered to {clean(channel.name)}: {channel.disabled_because}.")
    if not desk.messages:
        st.caption(f"Nothing was told yet to {', '.join(clean(channel.name) for channel in desk.channels)}.")
        return
    frame = pl.DataFrame(desk.messages, schema_overrides={"error": pl.String, "status": pl.Int64}).select(
        pl.from_epoch("created_us", time_unit="us").alias("created_at"),
        cleaned("channel"),
        "state",
        "tries",
        "status",
        cleaned("error"),
        "message_id",
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "created_at": st.column_config.DatetimeColumn("Told at (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "channel": st.column_config.TextColumn("Channel", width="small"),
            "state": st.column_config.TextColumn("State", width="small"),
            "tries": st.column_config.NumberColumn("Tries", width="small"),
            "status": st.column_config.NumberColumn("Answer", format="%d", width="small"),
            "error": st.column_config.TextColumn("Last error"),
            "message_id": st.column_config.TextColumn("Message", help="scalix alert replay sends it again"),
        },
        placeholder=UNKNOWN,
        alt="Messages and what became of them",
        key="messages",
    )


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
