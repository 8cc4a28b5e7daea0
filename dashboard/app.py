"""Entry script of the dashboard: page settings, the gate, navigation. Pages do the rest."""

import streamlit as st

from dashboard import host

st.set_page_config(page_title="Scalix", page_icon=str(host.ICON), layout="wide")

may_enter = host.current().may_enter
if may_enter is None or may_enter():
    st.navigation(
        [
            st.Page(
                host.APP.parent / "screens" / "overview.py",
                title="Overview",
                icon=":material/dashboard:",
                help="Cost, calls, reliability and failovers of a period against the one before it.",
                default=True,
            ),
            st.Page(
                host.APP.parent / "screens" / "cost.py",
                title="Cost",
                icon=":material/payments:",
                help="What was spent on what and by whom, why it changed, and how much of it is known.",
            ),
            st.Page(
                host.APP.parent / "screens" / "reliability.py",
                title="Reliability",
                icon=":material/monitor_heart:",
                help="Error rates, latency, episodes and failovers by provider, model or deployment.",
            ),
            st.Page(
                host.APP.parent / "screens" / "failover.py",
                title="Failover",
                icon=":material/swap_horiz:",
                help="When deployments were in trouble, where requests went then, and what that cost.",
            ),
            st.Page(
                host.APP.parent / "screens" / "calls.py",
                title="Calls",
                icon=":material/search:",
                help="Any call, by id or by what is known of it.",
            ),
            st.Page(
                host.APP.parent / "screens" / "routing.py",
                title="Routing",
                icon=":material/alt_route:",
                help="Where requests were sent, and why.",
            ),
            st.Page(
                host.APP.parent / "screens" / "what_if.py",
                title="What if",
                icon=":material/replay:",
                help="Recorded traffic under another policy, other prices, an outage or a budget.",
            ),
            st.Page(
                host.APP.parent / "screens" / "budgets.py",
                title="Budgets",
                icon=":material/savings:",
                help="How budgets stand, what lies ahead of them, and trying one out on the past.",
            ),
            st.Page(
                host.APP.parent / "screens" / "alerts.py",
                title="Alerts",
                icon=":material/notifications:",
                help="What fires, what was told to whom, and silences.",
            ),
            st.Page(
                host.APP.parent / "screens" / "keys.py",
                title="Keys",
                icon=":material/key:",
                help="Keys of the gateway, what they and their teams spend, and who changed them.",
            ),
            st.Page(
                host.APP.parent / "screens" / "setup.py",
                title="Setup",
                icon=":material/cable:",
                help="How to point a client at the gateway.",
            ),
            st.Page(
                host.APP.parent / "screens" / "sql.py",
                title="SQL",
                icon=":material/database_search:",
                help="Ask anything, and keep, share or watch the question.",
            ),
            st.Page(
                host.APP.parent / "screens" / "quality.py",
                title="Data quality",
                icon=":material/fact_check:",
                help="How far each dollar and each count can be trusted.",
            ),
        ],
        position="top",
    ).run()
