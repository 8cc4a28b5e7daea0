"""Alerts: what fires now and did, what was told to whom, silences, and trying a rule out on the past."""

import streamlit as st

from analytics.alerts import desk
from dashboard import alert_forms, alert_sections, host
from scalix.errors import StoreError

LEAST_REFRESH_S = 5.0

st.title("Alerts")


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S))
def figures() -> None:
    """What refreshes itself."""
    try:
        alert_sections.show(desk.read())
    except StoreError as error:
        st.error("Nothing can be shown until it is back.", title="The stores are not available")
        st.text(str(error))


figures()
try:
    shown = desk.read()
except StoreError:
    st.stop()
alert_forms.tries(shown)
alert_forms.silences(shown)
alert_forms.try_out(shown)
