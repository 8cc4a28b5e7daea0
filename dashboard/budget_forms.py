"""The forms of the Budgets page: adding, changing and removing one, and trying one out on the past."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.budgets import desk
from analytics.budgets.typed import scope_text, thresholds_text, typed
from dashboard import amounts, formatting
from dashboard.formatting import UNKNOWN, clean, cleaned
from dashboard.people import person
from scalix.errors import ScalixError
from scalix.times import now

if TYPE_CHECKING:
    from analytics.budgets.definitions import Budget
    from analytics.budgets.simulation import Simulation
    from analytics.budgets.state import BudgetState

WINDOWS = ("hour", "day", "week", "month", "24h", "7d", "30d")
_FOR = "Such as team=search, provider=openai; empty is everything."
_AT = "Percent of the amount, with =degrade or =block where it does more than warn."
_TELL = "Channels for its alerts, such as ops, chat; empty is all of them."
_NEW = "a new one"


def editor(states: list[BudgetState]) -> None:
    """Add or change a budget, or take one away."""
    with st.expander("Add or change a budget", icon=":material/edit:"):
        known = {state.budget.name: state.budget for state in states}
        chosen = st.selectbox("Which", [_NEW, *known], format_func=clean, key="edited")
        before = known.get(chosen or _NEW)
        with st.form(f"edit {chosen}", border=False):
            name = before.name if before else st.text_input("Name", key="new_name", max_chars=100)
            fields = _fields("edit", before) | {"tell": _channels(before)}
            reason = st.text_input("Why", key=f"edit_reason{_of(before)}", help="Kept with the change.")
            saved, removed = st.columns(2)
            wants_save = saved.form_submit_button("Save", type="primary", width="stretch")
            wants_removal = removed.form_submit_button("Remove", disabled=before is None, width="stretch")
        if wants_save or wants_removal:
            _change(name, fields, reason.strip() or None, removal=wants_removal, replace=before is not None)


def _change(name: str, fields: dict[str, str], reason: str | None, *, removal: bool, replace: bool) -> None:
    try:
        if removal:
            desk.remove(name, reason=reason, by=person())
        else:
            desk.save(_typed(name, fields), reason=reason, by=person(), replace=replace)
    except ScalixError as error:
        st.error(str(error))
        return
    st.toast(f"{clean(name)} is {'removed' if removal else 'saved'}", icon=":material/check:")
    st.rerun()


def simulator(states: list[BudgetState]) -> None:
    """Had this budget existed: when it would have warned or blocked, and whose calls."""
    with st.expander("Try a budget out on the past", icon=":material/history:"):
        known = {state.budget.name: state.budget for state in states}
        chosen = st.selectbox("Starting from", [_NEW, *known], format_func=clean, key="simulated")
        before = known.get(chosen or _NEW)
        with st.form(f"simulate {chosen}", border=False):
            fields = _fields("simulate", before)
            today = now().date()
            first, last = st.columns(2)
            since = first.date_input("From (UTC)", today - timedelta(days=30), key="simulate_since")
            until = last.date_input("To (UTC)", today, key="simulate_until")
            wanted = st.form_submit_button("Play", type="primary", icon=":material/play_arrow:")
        if wanted:
            span = datetime.combine(since, time(), UTC), datetime.combine(until + timedelta(days=1), time(), UTC)
            try:
                with st.spinner("Playing …"):
                    found = desk.try_out(_typed("this budget", fields), span[0], min(span[1], now()))
            except ScalixError as error:
                st.error(str(error))
            else:
                _simulated(found)


def _fields(key: str, before: Budget | None) -> dict[str, str]:
    """What defines a budget but its name, as typed."""
    of = _of(before)
    amount, window, zone = st.columns(3)
    counts, at = st.columns(2)
    windows = WINDOWS if before is None or before.window in WINDOWS else (*WINDOWS, before.window)
    return {
        "amount": amount.text_input(
            "Dollars", f"{before.amount_usd:f}" if before else "100", key=f"{key}_amount{of}", max_chars=20
        ),
        "window": window.selectbox(
            "Window",
            windows,
            index=windows.index(before.window) if before else windows.index("month"),
            key=f"{key}_window{of}",
            accept_new_options=True,
        )
        or "month",
        "zone": zone.text_input("Zone", before.zone if before else "UTC", key=f"{key}_zone{of}"),
        "scope": counts.text_input("For", scope_text(before) if before else "", key=f"{key}_scope{of}", help=_FOR),
        "at": at.text_input(
            "Thresholds", thresholds_text(before) if before else "50, 80, 100", key=f"{key}_at{of}", help=_AT
        ),
    }


def _channels(before: Budget | None) -> str:
    named = ", ".join(before.channels) if before else ""
    return st.text_input("Tell", named, key=f"edit_tell{_of(before)}", help=_TELL)


def _of(before: Budget | None) -> str:
    """What sets the widgets of one budget apart from those of another, so that no value is taken for the other's."""
    return f" {before.name}" if before else ""


def _typed(name: str, fields: dict[str, str]) -> Budget:
    scope, at, channels = (
        [one.strip() for one in fields.get(key, "").split(",") if one.strip()] for key in ("scope", "at", "tell")
    )
    window, zone = fields["window"], fields["zone"].strip()
    return typed(name, fields["amount"], window=window, zone=zone, scope=scope, at=at, channels=channels)


def _simulated(found: Simulation) -> None:
    with st.grid(3, min_column_width=150):
        st.metric("Windows that reached a threshold", formatting.count(len(found.runs)), border=True)
        st.metric("Calls blocked", formatting.count(found.blocked_calls), border=True)
        unpriced = int(found.blocked["unpriced"].sum())
        note = f"{formatting.count(unpriced)} unpriced" if unpriced else None
        st.metric(
            "What they cost",
            formatting.money(found.blocked_usd),
            note,
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
    verdicts = [
        {
            "threshold": f"{one.threshold.percent} % {one.threshold.action}",
            "reached": one.reached,
            "noise": one.noise,
            "lead": None if one.lead_s is None else one.lead_s / 3600,
        }
        for one in found.verdicts
    ]
    st.dataframe(
        pl.DataFrame(verdicts, schema_overrides={"lead": pl.Float64()}),
        hide_index=True,
        column_config={
            "threshold": st.column_config.TextColumn("Threshold"),
            "reached": st.column_config.NumberColumn("Windows that reached it"),
            "noise": st.column_config.NumberColumn("Noise", help="Of those, how often the amount was not spent"),
            "lead": st.column_config.NumberColumn("Ahead of running out", format="%.1f h", help="In the middle"),
        },
        placeholder=UNKNOWN,
        alt="Thresholds and whether they would have been worth it",
        key="verdicts",
    )
    if found.blocked.height:
        _blocked(found.blocked)


def _blocked(frame: pl.DataFrame) -> None:
    text = ("team", "user", "key", "provider", "model")
    shown = frame.head(100).select(*map(cleaned, text), "calls", "spent_usd", "unpriced")
    st.dataframe(
        amounts.rounded(shown, "spent_usd"),
        hide_index=True,
        column_config={
            **{name: st.column_config.TextColumn(name.capitalize()) for name in text},
            "calls": st.column_config.NumberColumn("Calls blocked", format="localized"),
            "spent_usd": amounts.column("They cost", shown["spent_usd"]),
            "unpriced": st.column_config.NumberColumn("Unpriced", help="Answers of unknown cost; not in the amount"),
        },
        placeholder=UNKNOWN,
        alt="Whose calls would have been blocked",
        key="blocked",
    )
