"""The dashboard as an ASGI application: Streamlit inside the hub's process, its options set, its door kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard import host

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

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
    may_enter = _signed_in if secrets is not None else None
    host.serve_for(host.Host(refresh_s=settings.refresh_s, may_enter=may_enter))
    return App(host.APP, routes=routes, middleware=middleware, lifespan=lifespan)


def _signed_in() -> bool:
    """Whether the visitor has signed in with the OIDC provider; asks to do so otherwise."""
    import streamlit as st  # noqa: PLC0415 - see above

    if st.user.is_logged_in:
        return True
    st.button("Sign in", on_click=st.login)
    return False
