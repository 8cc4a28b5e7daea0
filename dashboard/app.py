"""Entry script of the dashboard: page settings, the gate, navigation. Pages do the rest."""

import streamlit as st

from dashboard import host

st.set_page_config(page_title="Scalix", page_icon=str(host.ICON), layout="wide")

may_enter = host.current().may_enter
if may_enter is None or may_enter():
    st.navigation(
        [
            st.Page(
                host.APP.parent / "pages" / "overview.py",
                title="Overview",
                icon=":material/dashboard:",
                help="Cost, calls, reliability and failovers of a period against the one before it.",
                default=True,
            ),
        ]
    ).run()
