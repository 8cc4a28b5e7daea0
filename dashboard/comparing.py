"""What a page says where there is no whole period before the chosen one to compare it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from datetime import datetime


def show_began_too_late(since: datetime | None) -> None:
    """Say since when calls are on record; nothing where that is long enough."""
    if since is not None:
        st.caption(
            f"Calls are on record since {since:%b %d, %Y, %H:%M} UTC: "
            "there is no whole period before this one to compare it with."
        )
