"""What if: recorded traffic under another policy, other prices, an outage, or a budget that runs low."""

import streamlit as st

from analytics import decisions
from dashboard import what_if_sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

st.title("What if")
filters = filters_or_stop().filters(now())
try:
    asked = what_if_sections.scenario(decisions.deployments(filters))
    what_if_sections.show(asked, filters)
except StoreError as error:
    part_is_missing(error)
