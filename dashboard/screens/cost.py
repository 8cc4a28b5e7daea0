"""Cost: what was spent on what and by whom, why it changed, and how much of it is known."""

from datetime import timedelta

import streamlit as st

from analytics.spend.asking import DIMENSIONS
from dashboard import host, sections, spend_sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

SLOW = timedelta(hours=24)

st.title("Cost")
chosen = filters_or_stop()
dimension = st.segmented_control(
    "By",
    list(DIMENSIONS),
    key="by",
    default="provider",
    required=True,
    bind="query-params",
)


def refresh_every() -> float | None:
    """Money is looked at in longer spans than errors are: a few seconds are soon enough."""
    if not chosen.live or chosen.span is None:
        return None
    return max(host.current().refresh_s, 5 if chosen.span <= SLOW else 30)


@st.fragment(run_every=refresh_every())
def figures() -> None:
    """The part of the page that refreshes itself."""
    filters = chosen.filters(now())
    try:
        shown = spend_sections.read(filters, dimension or "provider")
    except StoreError as error:
        part_is_missing(error)
        return
    if shown.now.attempts or shown.now.calls:
        spend_sections.show(shown, filters, dimension or "provider")
    elif shown.before.attempts or chosen.narrowed:
        st.info("Choose a longer range or fewer filters.", title="No calls in this span")
    else:
        sections.show_welcome()


figures()
