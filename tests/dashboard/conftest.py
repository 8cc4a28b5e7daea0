"""A ledger that the dashboard of this process reads, the dashboard as Streamlit's own test runs it, and a browser."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import reading
from dashboard import host
from scalix.folder import Folder
from scalix.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of one file, which skip themselves where there is none."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only tests marked `browser` need it

    path = os.environ.get("SCALIX_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: install it or name it in SCALIX_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, handed to the read side as the hub does it."""
    opened = Ledger.open(Folder(tmp_path))
    reading.read_from(opened, lambda: 0)
    st.cache_data.clear()
    yield opened
    reading.read_from(None)
    host.serve_for(host.Host())
    opened.close()


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Opens the dashboard under an address with these query parameters."""

    def open_page(**parameters: str | list[str]) -> AppTest:
        page = AppTest.from_file(str(host.APP), default_timeout=60)
        for name, value in parameters.items():
            page.query_params[name.rstrip("_")] = value
        return page.run()

    return open_page


@pytest.fixture
def visit_page() -> Callable[..., AppTest]:
    """Opens one page of the dashboard by its name with these widgets set."""

    def open_page(name: str, **chosen: str) -> AppTest:
        page = AppTest.from_file(str(host.APP), default_timeout=60)
        page.switch_page(f"screens/{name}.py")
        for widget, value in chosen.items():
            page.session_state[widget] = value
        return page.run()

    return open_page
