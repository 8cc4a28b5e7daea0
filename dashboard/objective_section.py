"""Objectives and how they stand: allowance left, and burn rates by pair of windows."""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics.objectives.burn import PAIRS
from analytics.objectives.definitions import SHARES
from analytics.objectives.state import ObjectiveState, objective_states, readable
from analytics.reading import control_here, ledger_here
from dashboard import exports
from dashboard.availability import part_is_missing
from dashboard.formatting import UNKNOWN, cleaned
from scalix.errors import StoreError

STATUSES = {
    "ok": "✓ ok",
    "burning": "▲ burning",
    "breached": "✕ breached",
    "not_evaluated": "○ not evaluated",
}


def show(now_us: int) -> None:
    """Draw all objectives as of a moment."""
    with st.container(border=True):
        st.subheader("Objectives")
        try:
            states = objective_states(ledger_here(), control_here(), now_us)
        except StoreError as error:
            part_is_missing(error)
            return
        if not states:
            st.caption("None is set: scalix objective add")
            return
        st.caption("As of now, whatever span is chosen. Too few events are not evaluated, which is not ok.")
        frame = table(states)
        _draw(frame)
        exports.show("objectives", frame, readable(states[0].objective, now_us))


def table(states: list[ObjectiveState]) -> pl.DataFrame:
    """A row for each objective: name, subject, aim, status, measured, left, events, and a burn rate for each pair."""
    rows = [
        {
            "name": state.objective.name,
            "subject": state.subject,
            "aim": _aim(state),
            "window": state.window,
            "status": STATUSES[state.status],
            "measured": _measured(state),
            "left": state.budget_left,
            "events": state.events,
            **{f"burn_{burn.pair.name}": burn.long_rate for burn in state.burns},
        }
        for state in states
    ]
    burns = {f"burn_{pair.name}": pl.Float64 for pair in PAIRS}
    return pl.DataFrame(rows, schema_overrides={"left": pl.Float64, "measured": pl.String, **burns})


def _aim(state: ObjectiveState) -> str:
    sign = "≥" if state.objective.measure == "success" else "≤"
    unit = "%" if state.objective.measure in SHARES else "s"
    return f"{state.objective.measure.replace('_', ' ')} {sign} {state.objective.target:f} {unit}"


def _measured(state: ObjectiveState) -> str | None:
    if state.value is None:
        return None
    return (
        f"{state.value:.2f} {'s' if 'latency' in state.objective.measure or 'ttft' in state.objective.measure else '%'}"
    )


def _draw(frame: pl.DataFrame) -> None:
    burns = {
        f"burn_{pair.name}": st.column_config.NumberColumn(
            f"Burn {pair.name}", format="%.2f", width="small", help=f"From {pair.factor:g} on for a {pair.severity}"
        )
        for pair in PAIRS
    }
    st.dataframe(
        frame.with_columns(cleaned("name"), cleaned("subject")),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn("Objective"),
            "subject": st.column_config.TextColumn("Of"),
            "aim": st.column_config.TextColumn("Aim"),
            "window": st.column_config.TextColumn("Over", width="small"),
            "status": st.column_config.TextColumn("Status", width="small"),
            "measured": st.column_config.TextColumn("Measured", width="small"),
            "left": st.column_config.NumberColumn(
                "Allowance left", format="percent", width="small", help="Of the bad events that the window allows"
            ),
            "events": st.column_config.NumberColumn("Events", format="localized", width="small"),
            **burns,
        },
        placeholder=UNKNOWN,
        alt="Objectives and how they stand",
        key="objectives",
    )
