"""Which role a visitor of the dashboard has: by the password they gave, or the address that OIDC vouches for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.roles import Role

if TYPE_CHECKING:
    from scalix.hub.sessions import Sessions
    from scalix.settings import Settings


def passwords(settings: Settings) -> dict[Role, str]:
    """The password of each role that has one."""
    held = {
        Role.ADMIN: settings.password,
        Role.OPERATOR: settings.operator_password,
        Role.VIEWER: settings.viewer_password,
    }
    return {role: value.get_secret_value() for role, value in held.items() if value is not None}


def by_session(sessions: Sessions) -> Role | None:
    """The role of the visitor whose page is being drawn, by their session or password."""
    import streamlit as st  # noqa: PLC0415 - slow to import, and only a hub needs it

    return sessions.role(st.context.cookies.to_dict(), st.context.headers.get("Authorization") or "")


def by_address(settings: Settings) -> Role | None:
    """The role of the visitor who has signed in, by their verified e-mail address; None when they may not enter."""
    import streamlit as st  # noqa: PLC0415 - see above

    if st.user.get("email_verified") is False:
        return None
    return role_of(str(st.user.get("email") or ""), settings)


def role_of(address: str, settings: Settings) -> Role | None:
    """Admins and operators as they are listed; others view, unless those who may are listed, too."""
    found = address.strip().lower()
    if found in _listed(settings.admins):
        return Role.ADMIN
    if found in _listed(settings.operators):
        return Role.OPERATOR
    viewers = _listed(settings.viewers)
    return Role.VIEWER if not viewers or found in viewers else None


def _listed(addresses: str) -> frozenset[str]:
    return frozenset(one.strip().lower() for one in addresses.split(",") if one.strip())
