"""Budgets: how each stands, what fires, what was told to whom, and how budgets changed."""

import streamlit as st

from analytics.alerts import desk
from dashboard import budget_sections, host
from scalix.errors import StoreError

LEAST_REFRESH_S = 5.0

st.title("Budgets")


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S))
def figures() -> None:
    """The whole page; it refreshes itself."""
    try:
        shown = desk.read()
    except StoreError as error:
        st.error("Nothing can be shown until it is back.", title="The stores are not available")
        st.text(str(error))
        return
    budget_sections.show(shown)


figures()
