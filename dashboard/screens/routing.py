"""Routing: which deployments requests were sent to, why, and what is known of each."""

import streamlit as st

from dashboard import host, routing_sections, routing_standing
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

LEAST_REFRESH_S = 5.0

st.title("Routing")
chosen = filters_or_stop()


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S) if chosen.live else None)
def figures() -> None:
    """The part of the page that refreshes itself."""
    filters = chosen.filters(now())
    try:
        shown = routing_sections.read(filters)
    except StoreError as error:
        part_is_missing(error)
        return
    routing_standing.mode()
    routing_sections.show(shown, filters)
    if not shown.recent.is_empty():
        routing_standing.standing(filters)
        routing_standing.arms(filters)


@st.fragment
def saved() -> None:
    """What takes longer to count, and need not be told anew every few seconds."""
    try:
        routing_standing.saved(chosen.filters(now()))
    except StoreError as error:
        part_is_missing(error)


figures()
saved()
