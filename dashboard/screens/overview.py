"""Overview: what was spent, how calls fared, and how that changed."""

from datetime import timedelta

import streamlit as st

from analytics import stats
from dashboard import filter_bar, host, sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

SHORT = timedelta(hours=1)
DAY = timedelta(hours=24)


def refresh_every(selection: filter_bar.Selection) -> float | None:
    """Long spans change slowly and cost more to read, so they are read less often."""
    if not selection.live or selection.span is None:
        return None
    least = 0 if selection.span <= SHORT else 5 if selection.span <= DAY else 30
    return max(host.current().refresh_s, least)


st.title("Overview")
chosen = filters_or_stop()


@st.fragment(run_every=refresh_every(chosen))
def figures() -> None:
    """The part of the page that refreshes itself."""
    moment = now()
    filters = chosen.filters(moment)
    try:
        freshness = stats.freshness()
        shown = sections.read(filters)
    except StoreError as error:
        part_is_missing(error)
        return
    sections.show_freshness(freshness, moment)
    if freshness.newest_attempt_at is None:
        sections.show_welcome()
    elif shown.now.attempts + shown.now.calls == 0:
        st.info(
            "Choose a longer range or fewer filters." if chosen.narrowed else "Choose a longer range.",
            title="No calls in this span",
        )
    else:
        sections.show_figures(shown, filters)


figures()
