"""Setup: how to point each client at the gateway, and whether its first call has arrived."""

import streamlit as st

from analytics.access import desk
from dashboard import host, setup_sections
from scalix.errors import StoreError

st.title("Setup")


@st.fragment(run_every=host.current().refresh_s)
def light() -> None:
    """Whether calls arrive; it refreshes itself."""
    try:
        setup_sections.light(desk.read())
    except StoreError as error:
        st.error("The stores are not available.")
        st.text(str(error))


light()
setup_sections.clients()
