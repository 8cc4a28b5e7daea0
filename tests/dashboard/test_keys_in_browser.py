"""Keys and Setup in a real browser: a key made, turned off and replaced, and the light that a call turns green."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from analytics.access import address, issuing, keys, spending
from analytics.access.address import GatewayAddress
from analytics.access.clock import Clock
from analytics.access.limits import Limits
from analytics.access.pepper import START, pepper_of
from analytics.access.spending import Call, Offer
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.times import now_us
from tests.collector.conftest import until
from tests.dashboard.test_in_browser import PATIENCE_MS
from tests.hub.running import HubProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
GATEWAY = "http://127.0.0.1:4711"
WHOLE = [(1440, "light"), (400, "dark")]


@dataclass(frozen=True)
class Running:
    """A hub beside whose ledger a gateway is said to run."""

    url: str
    folder: Folder
    control: ControlStore

    def key(self, alias: str) -> str:
        """The id of a new key, the newest of all."""
        pepper = pepper_of(self.folder)
        return issuing.mint(self.control, pepper, by="test", alias=alias, limits=Limits(budget_pusd=2 * 10**12))[1]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = Folder(tmp_path_factory.mktemp("hub"))
    process = HubProcess(folder, {"SCALIX_REFRESH_S": "1"})
    url = process.start().url
    address.write(folder, GatewayAddress(GATEWAY, 2, now_us()))
    with closing(ControlStore.in_folder(folder)) as control:
        yield Running(url, folder, control)
    process.stop()


@pytest.fixture
def visit(chromium: Browser, hub: Running) -> Iterator[Callable[..., Page]]:
    """Opens a page of the dashboard."""
    contexts = []

    def opened(name: str, *, width: int = 1440, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 1400}, color_scheme="dark" if scheme == "dark" else "light"
        )
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{hub.url}/{name}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), WHOLE)
def test_a_key_is_made_and_seen_once(visit: Callable[..., Page], hub: Running, width: int, scheme: str) -> None:
    alias = f"made-{width}"
    page = visit("keys", width=width, scheme=scheme)
    page.get_by_role("button", name="New key").click()
    page.get_by_role("textbox", name="Name").fill(alias)
    page.get_by_role("spinbutton", name="Budget in dollars").fill("2.5")
    page.get_by_role("button", name="Make it").click()
    shown = page.get_by_test_id("stCode").filter(has_text=START)
    made = shown.inner_text().strip()
    assert keys.named(hub.control, made).name == alias
    _is_whole(page, width)
    page.get_by_role("button", name="I have it").click()
    expect(shown).to_have_count(0)
    page.get_by_test_id("stDataFrame").first.wait_for()
    _is_whole(page, width)


def test_a_key_is_blocked_and_replaced_in_its_row(visit: Callable[..., Page], hub: Running) -> None:
    key = hub.key("in-a-row")
    page = visit("keys")
    _choose_first(page)
    expect(page.get_by_text(key)).to_be_visible()
    page.get_by_role("button", name="Block", exact=True).click()
    until(lambda: keys.named(hub.control, key).account.blocked, 60)
    page.get_by_role("button", name="Unblock").click()
    until(lambda: not keys.named(hub.control, key).account.blocked, 60)
    page.get_by_role("button", name="Rotate").click()
    page.get_by_role("button", name="Make a new one").click()
    new = page.get_by_test_id("stCode").filter(has_text=START).inner_text().strip()
    assert keys.named(hub.control, new).name == "in-a-row"
    _is_whole(page, 1440)


@pytest.mark.parametrize(("width", "scheme"), WHOLE)
def test_the_light_turns_green_by_itself(visit: Callable[..., Page], hub: Running, width: int, scheme: str) -> None:
    key = hub.key(f"light-{width}")
    page = visit("setup", width=width, scheme=scheme)
    expect(page.get_by_text("No call seen yet")).to_be_visible()
    expect(page.get_by_text(f"The gateway listens at {GATEWAY}, workers: 2.")).to_be_visible()
    _is_whole(page, width)
    with hub.control.transaction() as connection:
        spending.reserve(connection, Clock(), "me", Call(f"c-{width}", (("key", key),), (Offer(0),), "OpenAI SDK"))
    expect(page.get_by_text("First call seen")).to_be_visible()
    expect(page.get_by_text("from OpenAI SDK")).to_be_visible()


def test_what_a_client_needs_can_be_copied(visit: Callable[..., Page], hub: Running) -> None:
    hub.key("copied")
    page = visit("setup")
    page.get_by_role("textbox", name="Model").fill("house")
    page.get_by_role("textbox", name="Model").press("Enter")
    page.get_by_role("tab", name="OpenAI, Node").click()
    snippet = page.get_by_test_id("stCode").filter(has_text='model: "house"').filter(visible=True)
    snippet.hover()
    snippet.get_by_role("button", name="Copy to clipboard").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert 'import OpenAI from "openai";' in copied
    assert f'baseURL: "{GATEWAY}/v1"' in copied


def _choose_first(page: Page) -> None:
    """Tick the first row of the keys. The table is a canvas: its first column is the boxes, its first row the names."""
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    table.locator(".dvn-scroller").click(position={"x": 16, "y": 52})


def _is_whole(page: Page, width: int) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
