"""Budgets: how each stands and what lies ahead of it, how budgets changed, and trying one out on the past."""

import streamlit as st

from analytics.budgets import desk
from dashboard import budget_forms, budget_sections, host
from scalix.errors import StoreError

LEAST_REFRESH_S = 5.0

st.title("Budgets")


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S))
def figures() -> None:
    """What refreshes itself."""
    try:
        budget_sections.show(desk.read())
    except StoreError as error:
        st.error("Nothing can be shown until it is back.", title="The stores are not available")
        st.text(str(error))


figures()
try:
    states = desk.read().budgets
except StoreError:
    st.stop()
budget_forms.editor(states)
budget_forms.simulator(states)
