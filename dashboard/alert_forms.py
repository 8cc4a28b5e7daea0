"""The forms of the Alerts page: every try of a message and sending it again, silences, and trying a rule out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl
import streamlit as st

from analytics.alerts import desk
from analytics.alerts.watchers.anomalies import DEFAULT_SCORE
from dashboard.formatting import UNKNOWN, clean, cleaned
from dashboard.people import person
from scalix.errors import ScalixError
from scalix.times import from_us, now_us

if TYPE_CHECKING:
    from analytics.alerts.desk import Desk
    from analytics.alerts.rules import Rule


def tries(shown: Desk) -> None:
    """Every try to deliver a message, and once more."""
    if not shown.messages:
        return
    with st.expander("Tries and replay", icon=":material/outbox:"):
        ids = list(dict.fromkeys(row["message_id"] for row in shown.messages))
        message = st.selectbox("Message", ids, key="message")
        if message is None:
            return
        rows = desk.tries(message)
        if rows:
            _show_tries(pl.DataFrame(rows, schema_overrides={"status": pl.Int64(), "error": pl.String()}))
        else:
            st.caption("It was not tried yet.")
        if st.button("Deliver it again", icon=":material/replay:", key="replay"):
            try:
                count = desk.replay(message)
            except ScalixError as error:
                st.error(str(error))
            else:
                st.toast(f"due again for {count} channels", icon=":material/check:")


def _show_tries(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select(
            pl.from_epoch("at_us", time_unit="us").dt.replace_time_zone("UTC").alias("at"),
            cleaned("channel"),
            "status",
            (pl.col("duration_us") / 1000).alias("took"),
            cleaned("error"),
        ),
        hide_index=True,
        column_config={
            "at": st.column_config.DatetimeColumn("Tried at (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "channel": st.column_config.TextColumn("Channel", width="small"),
            "status": st.column_config.NumberColumn("Answer", format="%d", width="small"),
            "took": st.column_config.NumberColumn("Took", format="%.0f ms", width="small"),
            "error": st.column_config.TextColumn("Error"),
        },
        placeholder=UNKNOWN,
        alt="Tries to deliver a message",
        key="tries",
    )


def silences(shown: Desk) -> None:
    """What is not told for now, and why; a new one; ending one."""
    ongoing = [one for one in shown.silences if one.until_us > now_us()]
    with st.expander("Silences", icon=":material/notifications_off:"):
        if not ongoing:
            st.caption("Nothing is silenced.")
        for one in ongoing:
            text, button = st.columns([4, 1], vertical_alignment="center")
            text.text(
                f"{clean(one.rule)} {clean(one.subject)} until {from_us(one.until_us):%b %d, %H:%M} UTC, "
                f"by {clean(one.made_by or 'unknown')}: {clean(one.reason)}"
            )
            if button.button("End", key=f"end {one.id}", width="stretch"):
                desk.end_silence(one.id)
                st.rerun()
        with st.form("silence", border=False, clear_on_submit=True):
            rule, subject, hours = st.columns(3)
            named = rule.text_input("Rule", "*", key="silence_rule", help="* is any")
            of = subject.text_input("Subject", "*", key="silence_subject", help="* is any")
            length = hours.number_input("Hours", 0.25, 720.0, 2.0, key="silence_hours")
            reason = st.text_input("Why", key="silence_reason")
            wanted = st.form_submit_button("Silence", type="primary")
        if wanted:
            try:
                desk.silence(named, of, hours=length, reason=reason, by=person())
            except ScalixError as error:
                st.error(str(error))
            else:
                st.rerun()


def try_out(shown: Desk) -> None:
    """Where a rule on anomalies would have fired, at another score than its own."""
    rules = {rule.name: rule for rule in shown.rules if rule.kind == "anomaly"}
    if not rules:
        return
    with st.expander("Try a rule out on the past", icon=":material/history:"):
        with st.form("backtest", border=False):
            which, score, days = st.columns(3)
            name = which.selectbox("Rule", list(rules), key="backtest_rule")
            above = score.number_input("Score", 1.0, 100.0, DEFAULT_SCORE, key="backtest_score")
            back = days.number_input("Days", 1, 56, 14, key="backtest_days")
            wanted = st.form_submit_button("Play", type="primary", icon=":material/play_arrow:")
        st.caption("A score is how many usual spreads an hour lies above what its season says.")
        if wanted and name:
            _played(msgspec.structs.replace(rules[name], above=above), int(back))


def _played(rule: Rule, days: int) -> None:
    try:
        found = desk.try_out(rule, days)
    except ScalixError as error:
        st.error(str(error))
        return
    st.markdown(f"It would have fired **{len(found)}** times.")
    if found:
        st.dataframe(
            pl.DataFrame([vars(one) for one in found]).with_columns(cleaned("subject")),
            hide_index=True,
            column_config={
                "subject": st.column_config.TextColumn("Subject"),
                "start": st.column_config.DatetimeColumn("From (UTC)", format="MMM DD, HH:mm"),
                "end": st.column_config.DatetimeColumn("Until (UTC)", format="MMM DD, HH:mm"),
                "highest": st.column_config.NumberColumn("Highest score", format="%.1f"),
            },
            alt="When the rule would have fired",
            key="backtested",
        )
