"""Keys and teams: made, blocked and rotated here, with what each has spent of its budget."""

import streamlit as st

from analytics.access import desk
from dashboard import host, key_actions, key_sections
from scalix.errors import StoreError

LEAST_REFRESH_S = 5.0

st.title("Keys and teams")
key_actions.shown_once()


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S))
def figures() -> None:
    """The whole page; it refreshes itself."""
    try:
        found = desk.read()
    except StoreError as error:
        st.error("Nothing can be shown until it is back.", title="The stores are not available")
        st.text(str(error))
        return
    key_sections.show(found)


figures()
