"""What the process that serves the dashboard tells it: how often to refresh, and who may look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.roles import NEEDED, Role

if TYPE_CHECKING:
    from collections.abc import Callable

APP = Path(__file__).with_name("app.py")
"""The script that Streamlit runs."""
ICON = Path(__file__).with_name("icon.svg")
THEME = Path(__file__).with_name("theme.toml")
STREAMLIT_OPTIONS: dict[str, object] = {
    "theme.base": str(THEME),
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
}
"""How Streamlit is to be configured to serve the dashboard."""


@dataclass(frozen=True)
class Host:
    """The host's wishes. Without one the page is open to whoever reaches it."""

    refresh_s: float = 2.0
    """Seconds between two refreshes of an open page over a short span."""
    may_enter: Callable[[], bool] | None = None
    """Called at the start of every run; it draws its own sign-in form and says whether the page may follow."""
    role: Callable[[], Role | None] | None = None
    """Called when a page has something to offer that not everybody may do. Without it everybody is an admin."""

    def may(self, what: str) -> bool:
        """Whether the visitor whose page is being drawn may do one of ``dashboard.roles.NEEDED``."""
        role = Role.ADMIN if self.role is None else self.role()
        return role is not None and role >= NEEDED[what]


class _Current:
    host = Host()


def serve_for(host: Host) -> None:
    """Make this the host of all pages in this process."""
    _Current.host = host


def current() -> Host:
    """The host of this process."""
    return _Current.host
