"""Failover: when deployments were in trouble, where requests went then, and what each of those moves cost."""

import streamlit as st

from dashboard import chain_section, failover_sections, host
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

LEAST_REFRESH_S = 10.0

st.title("Failover")
chosen = filters_or_stop()
request = st.text_input(
    "Request",
    key="request",
    bind="query-params",
    placeholder="Trace id, or call id of an attempt without one: shows its chain",
)


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S) if chosen.live else None)
def figures() -> None:
    """The part of the page that refreshes itself."""
    filters = chosen.filters(now())
    try:
        failover_sections.show(failover_sections.read(filters), filters)
    except StoreError as error:
        part_is_missing(error)


if request:
    try:
        with st.container(border=True):
            chain_section.show(request.strip())
    except StoreError as error:
        part_is_missing(error)
else:
    figures()
