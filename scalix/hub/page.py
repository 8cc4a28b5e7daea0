"""The dashboard as an ASGI application: Streamlit inside the hub's process, its options set, its door kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dashboard import host
from scalix.hub.roles import by_address, by_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

    from dashboard.roles import Role
    from scalix.hub.sessions import Sessions
    from scalix.settings import Settings

OPTIONS: dict[str, object] = {
    **host.STREAMLIT_OPTIONS,
    "browser.gatherUsageStats": False,
    "logger.hideWelcomeMessage": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.runOnSave": False,
}
"""What the dashboard wants, and what a process serving it to others must insist on."""


def dashboard_app(
    settings: Settings,
    sessions: Sessions | None,
    *,
    routes: Sequence[BaseRoute],
    middleware: Sequence[Middleware],
    lifespan: Callable[[Any], AbstractAsyncContextManager[None]],
) -> Any:
    """The application. Streamlit is slow to import, and only a hub needs it."""
    from streamlit.starlette import App  # noqa: PLC0415 - see above
    from streamlit.web import bootstrap  # noqa: PLC0415 - see above

    secrets = settings.secrets_file
    # Under uvicorn Streamlit reads hardly any option from the environment, only what its own command line hands over.
    bootstrap.load_config_options(
        OPTIONS if secrets is None else {**OPTIONS, "secrets.files": [str(secrets.expanduser().resolve())]}
    )
    role: Callable[[], Role | None] | None = None
    if sessions is not None:
        role = partial(by_session, sessions)
    if secrets is not None:
        role = partial(by_address, settings)
    may_enter = partial(_signed_in, settings) if secrets is not None else None
    host.serve_for(host.Host(refresh_s=settings.refresh_s, may_enter=may_enter, role=role))
    return App(host.APP, routes=routes, middleware=middleware, lifespan=lifespan)


def _signed_in(settings: Settings) -> bool:
    """Whether the visitor has signed in with the OIDC provider and may enter; asks to do so otherwise."""
    import streamlit as st  # noqa: PLC0415 - see above

    if not st.user.is_logged_in:
        st.button("Sign in", on_click=st.login)
        return False
    if by_address(settings) is None:
        st.error("This address may not look at this hub: an admin lists it in SCALIX_VIEWERS.", title="Not admitted")
        st.button("Sign out", on_click=st.logout)
        return False
    return True
