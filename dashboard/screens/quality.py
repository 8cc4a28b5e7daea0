"""Data quality: how far each dollar and each count can be trusted, and what to do about the rest."""

import streamlit as st

from dashboard import host, quality_sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

LEAST_REFRESH_S = 10.0

st.title("Data quality")
chosen = filters_or_stop()


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S) if chosen.live else None)
def figures() -> None:
    """The part of the page that refreshes itself."""
    filters = chosen.filters(now())
    try:
        shown = quality_sections.read(filters)
    except StoreError as error:
        part_is_missing(error)
        return
    if chosen.narrowed:
        st.caption("Only the time applies here, no other filter.")
    quality_sections.show(shown)


figures()
