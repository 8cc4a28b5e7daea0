"""Who is at work on a page: known where the dashboard asks people to sign in by name."""

from __future__ import annotations

import streamlit as st


def person() -> str | None:
    """The address of who signed in; None where nobody did by name."""
    known = st.user.to_dict()
    return str(known["email"]) if known.get("email") else None
