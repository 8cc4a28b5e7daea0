"""Reliability: how providers, models and deployments fare, when one was in trouble, and what was promised."""

import streamlit as st

from analytics.reliability.stats import By
from dashboard import host, objective_section, reliability_sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now, now_us

NAMES: dict[str, By] = {
    "provider": "provider",
    "model": "model",
    "model group": "model_group",
    "deployment": "deployment",
}
"""As the page and its address name what is compared, and as it is asked for."""
LEAST_REFRESH_S = 10.0

st.title("Reliability")
chosen = filters_or_stop()
st.segmented_control(
    "By",
    list(NAMES),
    key="by",
    default=next(iter(NAMES)),
    required=True,
    bind="query-params",
)


@st.fragment(run_every=max(host.current().refresh_s, LEAST_REFRESH_S) if chosen.live else None)
def figures() -> None:
    """The part of the page that refreshes itself."""
    filters = chosen.filters(now())
    label = st.session_state["by"]
    try:
        shown = reliability_sections.read(filters, NAMES[label])
    except StoreError as error:
        part_is_missing(error)
        return
    if shown.names.is_empty():
        st.info(
            "Choose a longer range or fewer filters. New calls are added up every few seconds.",
            title="No attempts in this span",
        )
        return
    objective_section.show(now_us())
    reliability_sections.show(shown, filters, NAMES[label], label.capitalize())


figures()
