"""What can be done with a query beside running it: keep it under a name, or have it watched."""

from __future__ import annotations

import streamlit as st

from analytics.alerts.rules import Rule
from analytics.asking import desk
from analytics.asking.queries import save
from analytics.asking.watching import channel_names, watch
from dashboard.formatting import clean
from scalix.errors import ScalixError


def buttons(sql: str, parameters: dict[str, str]) -> None:
    """The two buttons; each opens a small form."""
    empty = not sql.strip()
    with st.popover("Save as named query", icon=":material/bookmark:", disabled=empty):
        _save_form(sql, parameters)
    with st.popover("Make this an alert", icon=":material/notifications:", disabled=empty):
        _alert_form(sql, parameters)


def _save_form(sql: str, parameters: dict[str, str]) -> None:
    own = desk.own_queries()
    if own is None:
        st.caption("This hub keeps no queries.")
        return
    with st.form("save_query", border=False):
        name = st.text_input("Name", placeholder="spend_of_my_team", key="save_name")
        asks = st.text_input("What it answers", placeholder="What did my team spend this week?", key="save_asks")
        if st.form_submit_button("Save"):
            try:
                saved = save(own, name, asks, sql, parameters)
            except ScalixError as error:
                st.error(clean(str(error)))
            else:
                st.success(f"Saved. Everywhere else: scalix sql --named {saved.name}")


def _alert_form(sql: str, parameters: dict[str, str]) -> None:
    st.caption(
        "A column subject tells rows apart, a column value is compared with the bounds; without value, each row fires."
    )
    try:
        known = channel_names()
    except ScalixError as error:
        st.text(str(error))
        return
    with st.form("watch_query", border=False):
        name = st.text_input("Name of the rule", placeholder="expensive-hour", key="rule_name")
        above = st.number_input("Fires above", value=None, key="rule_above")
        below = st.number_input("Fires below", value=None, key="rule_below")
        channels = tuple(st.multiselect("Channels", known, placeholder="All"))
        if st.form_submit_button("Watch"):
            _watch(
                Rule(
                    name=name, kind="sql", query=sql, parameters=parameters, channels=channels, above=above, below=below
                )
            )


def _watch(rule: Rule) -> None:
    try:
        watch(rule)
    except ScalixError as error:
        st.error(clean(str(error)))
    else:
        st.success("It is watched from now on; `scalix alert rules list` shows it.")
