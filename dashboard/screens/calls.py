"""Calls: any attempt, by id or by what is known of it, and everything that is recorded of it."""

import streamlit as st

from dashboard import calls_sections
from dashboard.availability import filters_or_stop, part_is_missing
from scalix.errors import StoreError
from scalix.times import now

st.title("Calls")
chosen = filters_or_stop()
call = st.text_input(
    "Id", key="id", bind="query-params", placeholder="Call id, trace id, or the provider's id of an answer, at any time"
)
asked = calls_sections.wanted()
try:
    if call and call.strip():
        calls_sections.show_by_id(call)
    else:
        calls_sections.show_matching(chosen.filters(now()), asked)
except StoreError as error:
    part_is_missing(error)
