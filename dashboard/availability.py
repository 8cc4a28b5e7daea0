"""What a page shows when the stores behind it cannot answer: which part is missing, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import filter_bar
from scalix.errors import StoreError
from scalix.times import now

if TYPE_CHECKING:
    from dashboard.filter_bar import Selection


def filters_or_stop() -> Selection:
    """The filter bar's selection; when the ledger cannot say what there is to choose from, the page ends here."""
    try:
        return filter_bar.show(now())
    except StoreError as error:
        st.error("Nothing can be shown until it is back.", title="The ledger is not available")
        st.text(str(error))
        st.stop()


def part_is_missing(error: StoreError) -> None:
    """Say in place that a part of the page could not be read."""
    st.error("This part of the page could not be read.", title="The ledger is not available")
    st.text(str(error))
