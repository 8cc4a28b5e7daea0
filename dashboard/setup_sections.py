"""What the Setup page shows: where the gateway is, whether calls arrive, and what to write into each client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analytics.access import desk
from dashboard import formatting, snippets
from dashboard.formatting import clean
from scalix.errors import StoreError
from scalix.times import now_us

if TYPE_CHECKING:
    from analytics.access.desk import AccessDesk
    from analytics.access.keys import Key

_START = "scalix up --gateway config.yaml\nscalix key create --alias app --budget 10\n"
USUAL_URL = "http://127.0.0.1:4000"


def light(found: AccessDesk) -> None:
    """Where the gateway is, and the last call of a chosen key."""
    if found.gateway is None:
        st.warning("Start it, and make a key:", title="No gateway runs in this folder", icon=":material/power_off:")
        st.code(_START, language="bash")
    else:
        st.text(f"The gateway listens at {found.gateway.url}, workers: {found.gateway.workers}.")
    if not found.keys:
        st.info("Make one on the Keys page, or with `scalix key create`.", title="No keys yet", icon=":material/key:")
        return
    names = {key.id: clean(key.name) for key in found.keys}
    chosen = found.key(st.selectbox("Key", list(names), format_func=lambda one: names.get(one, one), key="setup_key"))
    if chosen is not None:
        _seen(chosen)


def _seen(key: Key) -> None:
    account = key.account
    if account.last_used_us is None:
        st.info("It turns green with the first one.", title="No call seen yet", icon=":material/hourglass_empty:")
        return
    ago = formatting.duration(now_us() - account.last_used_us)
    st.success(
        f"The last one was {ago} ago, from {clean(account.last_client or 'another client')}.",
        title="First call seen",
        icon=":material/check_circle:",
    )


def clients() -> None:
    """What to write into each client."""
    try:
        gateway = desk.read().gateway
    except StoreError:
        gateway = None
    url = gateway.url if gateway else USUAL_URL
    model = st.text_input("Model", "chat", help="A model_name of your configuration; `GET /v1/models` lists them.")
    for tab, client in zip(st.tabs([client.name for client in snippets.CLIENTS]), snippets.CLIENTS, strict=True):
        with tab:
            st.caption(client.where)
            st.code(client.written(url, clean(model)), language=client.language)
