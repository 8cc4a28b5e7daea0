"""The dashboard as an ASGI application: Streamlit inside the hub's process, its options set, its door kept."""

from __future__ import annotations

import os
import re
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
    """The application. Streamlit takes its options from the environment at import, so it is imported here."""
    secrets = settings.secrets_file
    options = OPTIONS if secrets is None else {**OPTIONS, "secrets.files": secrets.expanduser().resolve()}
    os.environ.update(
        {
            _variable(option): str(value).lower() if isinstance(value, bool) else str(value)
            for option, value in options.items()
        }
    )
    from streamlit.starlette import App  # noqa: PLC0415 - see above

    may_enter = _signed_in if secrets is not None else None
    host.serve_for(host.Host(refresh_s=settings.refresh_s, may_enter=may_enter))
    return App(host.APP, routes=routes, middleware=middleware, lifespan=lifespan)


def _variable(option: str) -> str:
    """The environment variable of a Streamlit option: ``server.runOnSave`` is STREAMLIT_SERVER_RUN_ON_SAVE."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", option)
    return f"STREAMLIT_{words.replace('.', '_')}".upper()


def _signed_in() -> bool:
    """Whether the visitor has signed in with the OIDC provider; asks to do so otherwise."""
    import streamlit as st  # noqa: PLC0415 - see above

    if st.user.is_logged_in:
        return True
    st.button("Sign in", on_click=st.login)
    return False
