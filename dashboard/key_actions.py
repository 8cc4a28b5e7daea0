"""What can be done on the Keys page, each by those who may: a new key is shown once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from analytics.access import desk
from analytics.access.limits import CALENDAR, Limits, expiry, pusd
from dashboard import host
from dashboard.formatting import clean
from scalix.errors import ScalixError
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics.access.keys import Key

_MADE = "made_key"
BY = "dashboard"
OVERLAPS = {"at once": 0, "in an hour": 3600, "in a day": 86400, "in a week": 7 * 86400}
WINDOWS = ("never", *(name for name in CALENDAR if name != "1mo"))


def shown_once() -> None:
    """A key that has just been made. Once it is put away nobody can show it again."""
    made = st.session_state.get(_MADE)
    if made is None:
        return
    with st.container(border=True):
        st.success("Copy it now: what is kept of it cannot be turned back into it.", title="The new key")
        st.code(made, language=None)
        if st.button("I have it", icon=":material/check:"):
            del st.session_state[_MADE]
            st.rerun()


def new_key() -> None:
    """The form for a new key, for admins."""
    if not host.current().may("create"):
        return
    with st.popover("New key", icon=":material/add:"), st.form("new_key", border=False):
        alias = st.text_input("Name", help="What people call it.")
        user, team = st.text_input("User"), st.text_input("Team")
        models = st.text_input("Models", placeholder="all", help="Names, separated by commas.")
        budget = st.number_input("Budget in dollars", min_value=0.0, value=None, placeholder="no limit", step=1.0)
        window = st.selectbox("Begins anew", WINDOWS, help="Every so often, by the calendar in UTC.")
        rpm = st.number_input("Requests a minute", min_value=0, value=None, placeholder="no limit")
        parallel = st.number_input("Calls at once", min_value=0, value=None, placeholder="no limit")
        expires = st.text_input("Expires after", placeholder="never", help="Such as 90d.")
        if st.form_submit_button("Make it", type="primary"):
            limits = Limits(
                budget_pusd=None if budget is None else pusd(Decimal(str(budget))),
                window=None if window == "never" else window,
                requests_per_minute=rpm,
                parallel=parallel,
                models=tuple(name.strip() for name in models.split(",") if name.strip()),
            )
            _do(
                lambda: _keep(
                    desk.create(
                        by=BY,
                        alias=alias or None,
                        user_id=user or None,
                        team_id=team or None,
                        limits=limits,
                        expires_us=expiry(expires or None, now_us()),
                    )
                )
            )


def of_one(key: Key) -> None:
    """What can be done with one key."""
    may = host.current().may
    with st.container(horizontal=True, vertical_alignment="bottom"):
        blocked = key.account.blocked
        label, icon = ("Unblock", ":material/lock_open:") if blocked else ("Block", ":material/block:")
        if may("block") and st.button(label, icon=icon, key="block_key"):
            _do(lambda: desk.block(key.id, by=BY, blocked=not blocked))
        if may("rotate"):
            with st.popover("Rotate", icon=":material/autorenew:"):
                overlap = st.radio("The old key stops", list(OVERLAPS), key="overlap")
                if st.button("Make a new one", type="primary", key="rotate_key"):
                    _do(lambda: _keep(desk.rotate(key.id, by=BY, overlap_s=OVERLAPS[overlap])))
        if may("remove"):
            with st.popover("Remove", icon=":material/delete:"):
                st.write("Calls with it are refused from now on. What it has spent stays in the ledger.")
                if st.button("Remove it for good", type="primary", key="remove_key"):
                    _do(lambda: desk.remove(key.id, by=BY))


def _keep(made: str) -> None:
    st.session_state[_MADE] = made


def _do(action: Callable[[], None]) -> None:
    """Do it and draw the page anew, or say in place why not."""
    try:
        action()
    except ScalixError as error:
        st.error(clean(str(error)))
        return
    st.rerun(scope="app")
