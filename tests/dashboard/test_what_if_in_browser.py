"""Routing and What if in a real browser: whole at every width, in light and dark, and answering what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.dashboard.test_in_browser import PATIENCE_MS
from tests.dashboard.test_what_if import fill
from tests.hub.running import HubProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Folder(tmp_path_factory.mktemp("hub"))
    ledger = Ledger.open(folder)
    fill(ledger, requests=400)
    ledger.close()
    process = HubProcess(folder, {"SCALIX_REFRESH_S": "60"})
    yield process.start().url
    process.stop()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (400, "dark")])
def test_an_outage_is_asked_about_and_answered(chromium: Browser, url: str, width: int, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 1400}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/what_if")
    expect(page.get_by_text("as far as can be told")).to_be_visible()
    page.get_by_test_id("stMultiSelect").filter(has_text="Cannot be reached").locator("input").click()
    page.get_by_role("option", name="cheap").click()
    expect(page.get_by_text("A request would cost")).to_contain_text("more")
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(f"{url}/routing")
    for section in ("Where requests were sent", "Latest decisions", "Scores and breakers", "Acted on and left alone"):
        expect(page.get_by_role("heading", name=section)).to_be_visible()
    expect(page.get_by_text("Saved against other ways of choosing")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
