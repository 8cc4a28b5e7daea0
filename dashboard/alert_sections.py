"""What the Alerts page shows: what fires now, what changed, what was told, silences, rules and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.alerts.states import FIRING, NO_DATA, PENDING, SILENCED
from dashboard.formatting import UNKNOWN, clean, cleaned

if TYPE_CHECKING:
    from analytics.alerts.desk import Desk

_CHANNEL = "scalix alert add ops https://example.com/hooks/scalix\nscalix alert test ops\n"
_OPEN = (FIRING, SILENCED, PENDING, NO_DATA)
_MESSAGE = {"error": pl.String(), "status": pl.Int64()}


def show(shown: Desk) -> None:
    """Everything that refreshes itself."""
    with st.container(border=True):
        st.subheader("Now")
        _now(shown.alerts)
    with st.container(border=True):
        st.subheader("Deliveries")
        _messages(shown)
    with st.container(border=True):
        st.subheader("History")
        _history(shown.history, told=bool(shown.channels))
    with st.container(border=True):
        st.subheader("Rules")
        _rules(shown)


def _now(alerts: list[dict[str, Any]]) -> None:
    rows = [one for one in alerts if one["state"] in _OPEN]
    if not any(one["state"] != NO_DATA for one in rows):
        st.success("Nothing fires, and nothing is about to.", icon=":material/check_circle:")
    if not rows:
        return
    frame = pl.DataFrame(rows).select(
        "state",
        "rule",
        cleaned("subject"),
        cleaned("threshold"),
        _moment("since_us", "since"),
        cleaned("found"),
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "state": st.column_config.TextColumn("State", width="small"),
            "rule": st.column_config.TextColumn("Rule", width="small"),
            "subject": st.column_config.TextColumn("Subject"),
            "threshold": st.column_config.TextColumn("Threshold", width="small"),
            "since": st.column_config.DatetimeColumn("Since (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "found": st.column_config.TextColumn("What was found", width="large"),
        },
        placeholder=UNKNOWN,
        alt="Alerts that fire, are silenced, pending or without data",
        key="alerts",
    )


def _history(rows: list[dict[str, Any]], *, told: bool) -> None:
    if not rows:
        st.caption("No alert has changed its state yet.")
        return
    frame = pl.DataFrame(rows, schema_overrides={"message_id": pl.String()}).select(
        _moment("at_us", "at"),
        "state",
        "rule",
        cleaned("subject"),
        cleaned("threshold"),
        # Without a channel there is no message, only the name that it would have.
        *(["message_id"] if told else []),
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "at": st.column_config.DatetimeColumn("At (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "state": st.column_config.TextColumn("Became", width="small"),
            "rule": st.column_config.TextColumn("Rule", width="small"),
            "subject": st.column_config.TextColumn("Subject"),
            "threshold": st.column_config.TextColumn("Threshold", width="small"),
            "message_id": st.column_config.TextColumn(
                "Message",
                help="What tells this change; not sent where it was told with others, or no channel was there yet",
            ),
        },
        placeholder=UNKNOWN,
        alt="Changes of alerts",
        key="history",
    )


def _messages(shown: Desk) -> None:
    if not shown.channels:
        st.caption("Alerts are told nowhere yet. Add a channel, then try it:")
        st.code(_CHANNEL, language="bash")
        return
    for channel in shown.channels:
        if channel.disabled_because:
            st.warning(f"Nothing is delivered to {clean(channel.name)}: {channel.disabled_because}.")
    st.caption("To " + ", ".join(f"{clean(one.name)} ({one.kind} at {clean(one.host)})" for one in shown.channels))
    if not shown.messages:
        st.caption("Nothing was told yet.")
        return
    frame = pl.DataFrame(shown.messages, schema_overrides=_MESSAGE).select(
        _moment("created_us", "created_at"),
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
            "message_id": st.column_config.TextColumn("Message"),
        },
        placeholder=UNKNOWN,
        alt="Messages and what became of them",
        key="messages",
    )


def _rules(shown: Desk) -> None:
    rows = [
        {
            "name": rule.name,
            "kind": rule.kind,
            "every": rule.every_s,
            "held": rule.for_s,
            "severity": rule.severity,
            "quiet": f"{rule.quiet} {rule.zone}" if rule.quiet else None,
            "enabled": rule.enabled,
        }
        for rule in shown.rules
    ]
    st.dataframe(
        pl.DataFrame(rows, schema_overrides={"quiet": pl.String()}),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn("Rule"),
            "kind": st.column_config.TextColumn("Watches", width="small"),
            "every": st.column_config.NumberColumn("Every", format="%d s", width="small"),
            "held": st.column_config.NumberColumn("Fires after", format="%d s", width="small"),
            "severity": st.column_config.TextColumn("Severity", width="small"),
            "quiet": st.column_config.TextColumn("Quiet hours"),
            "enabled": st.column_config.CheckboxColumn("On", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Rules of alerts",
        key="rules",
    )


def _moment(column: str, name: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="us").dt.replace_time_zone("UTC").alias(name)
