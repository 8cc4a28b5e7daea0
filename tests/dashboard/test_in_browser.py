from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store.lake_reader import read_lake
from scalix.store.ledger import Ledger
from scalix.times import now, to_us
from tests.attempt_rows import Attempt, failure, record
from tests.collector.conftest import until
from tests.hub.running import HubProcess, SegmentWriter, calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage

pytestmark = pytest.mark.browser

NASTY = '<img src="http://evil.example/x.png" onerror="window.hacked = true">'
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Running:
    """A hub with two days behind it."""

    url: str
    folder: Folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = Folder(tmp_path_factory.mktemp("hub"))
    _fill(folder)
    process = HubProcess(folder, {"SCALIX_REFRESH_S": "1"})
    address = process.start()
    yield Running(address.url, folder)
    process.stop()


@pytest.fixture
def open_page(chromium: Browser, hub: Running) -> Iterator[Callable[..., Page]]:
    """Opens the dashboard, waits for its figures, and fails when it complains or asks another host for anything."""
    complaints: list[str] = []
    contexts = []

    def opened(query: str = "", *, width: int = 1440, scheme: str = "light", shows: str = "stMetric") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if _foreign(asked.url, hub.url) else None)
        page.goto(f"{hub.url}/{query}")
        page.get_by_test_id(shows).first.wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_the_page_is_whole_at_every_width_in_light_and_dark(
    open_page: Callable[..., Page], tmp_path: Path, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(2)
    charts.locator("svg, canvas").nth(1).wait_for()
    page.get_by_test_id("stDataFrame").nth(1).wait_for()

    shown = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    cut = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMetricValue] *')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0).map(one => one.textContent)"
    )
    page.screenshot(path=tmp_path / f"overview-{scheme}-{width}.png", full_page=True)

    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlert").count() == 0
    assert page.get_by_test_id("stMetric").count() == 10
    assert shown == ("rgb(16, 21, 31)" if scheme == "dark" else "rgb(255, 255, 255)")
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_chosen_is_in_the_address_and_survives_a_reload(open_page: Callable[..., Page]) -> None:
    # On a slow machine a live page is never at rest, and this test must know when it is.
    page = open_page("?live=false")
    everything = _figure(page, "Calls").inner_text()

    page.get_by_role("radio", name="1h").click()
    expect(page).to_have_url(re.compile(r"range=1h"))
    # The figures come last in a rerun. One still to come would close the list again that is opened next.
    expect(_figure(page, "Calls")).not_to_have_text(everything)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_text("Filters", exact=True).click()
    _choose(page, "Provider", "gemini")
    expect(page).to_have_url(re.compile(r"provider=gemini"))
    expect(_figure(page, "Calls")).to_have_text("2")

    page.reload()

    expect(_figure(page, "Calls")).to_have_text("2")
    query = page.url.partition("?")[2]
    shared = open_page(f"?{query}")
    expect(_figure(shared, "Calls")).to_have_text("2")
    expect(shared.get_by_role("radio", name="1h")).to_be_checked()


def test_a_new_call_appears_without_a_reload(open_page: Callable[..., Page], hub: Running) -> None:
    page = open_page("?range=15m&provider=openai&model=m")
    expect(page.get_by_text("No calls in this span")).to_be_hidden()
    before = _number(page)
    writer = SegmentWriter(hub.folder.spool)

    writer.write(calls(1000, 3))

    expect(_figure(page, "Calls")).to_have_text(str(before + 3))
    writer.close()


def test_markup_in_a_name_stays_text(open_page: Callable[..., Page]) -> None:
    page = open_page("?range=1h")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name=NASTY).wait_for()

    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src*='evil']").count() == 0


@pytest.mark.parametrize(
    ("address", "label", "question"),
    [
        (
            "failover?range=7d&live=false",
            "Saved requests",
            "SELECT count(*) AS n FROM ended_requests(now() - INTERVAL 7 DAY, now()) WHERE recovered",
        ),
        (
            "reliability?range=7d&live=false",
            "Provider errors",
            "SELECT count(*) AS n FROM attempts WHERE provider_error AND started_at > now() - INTERVAL 7 DAY",
        ),
    ],
)
def test_a_figure_of_a_page_is_what_sql_says(
    open_page: Callable[..., Page], hub: Running, address: str, label: str, question: str
) -> None:
    page = open_page(address)
    (row,) = read_lake(hub.folder.lake_views, question)
    assert row["n"] == 12
    expect(_figure(page, label)).to_have_text(str(row["n"]))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (400, "light")])
@pytest.mark.parametrize(("name", "charts"), [("failover", 1), ("reliability", 7)])
def test_pages_are_whole_at_every_width_in_light_and_dark(
    open_page: Callable[..., Page], *, name: str, charts: int, width: int, scheme: str
) -> None:
    page = open_page(f"{name}?range=7d&live=false", width=width, scheme=scheme)
    drawn = page.get_by_test_id("stVegaLiteChart")
    expect(drawn).to_have_count(charts)
    drawn.locator("svg, canvas").nth(charts - 1).wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlert").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_id_leads_to_the_call_and_from_there_to_its_request(open_page: Callable[..., Page], hub: Running) -> None:
    question = "SELECT call_id, request_id FROM attempts WHERE error_kind = 'rate_limit' ORDER BY started_at LIMIT 1"
    until(lambda: read_lake(hub.folder.lake_views, question), seconds=60)
    (row,) = read_lake(hub.folder.lake_views, question)
    page = open_page(f"calls?id={row['call_id']}", shows="stDataFrame")
    expect(page.get_by_text("1 found")).to_be_visible()
    links = page.get_by_test_id("stPageLink-NavLink")
    links.filter(has_text="The request it belongs to", visible=True).click()
    expect(page).to_have_url(re.compile(f"failover.*request={row['request_id']}"))
    expect(page.get_by_role("heading", name="One request")).to_be_visible()
    page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first.wait_for()
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_query_is_answered_drawn_and_shared(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page("?live=false", scheme=scheme)
    page.get_by_role("link", name="SQL").click()
    page.get_by_text("Ask the lake").wait_for()
    editor = page.get_by_role("textbox", name="Query")

    editor.fill("SELECT provider, count(*) AS calls FROM attempts GROUP BY provider ORDER BY provider")
    editor.press("Control+Enter")

    expect(page.get_by_text("4 rows")).to_be_visible()
    expect(page).to_have_url(re.compile(r"query=SELECT"))
    page.get_by_role("tab", name="Chart").click()
    page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first.wait_for()
    page.set_viewport_size({"width": 400, "height": 1000})
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def _fill(folder: Folder) -> None:
    ledger = Ledger.open(folder)
    at = now()
    providers = ("openai", "anthropic", "gemini", "azure")
    record(
        ledger,
        [
            Attempt(
                at - timedelta(minutes=7 * number + 8),
                provider=providers[number % 4],
                model=("gpt-4o", "claude-sonnet-4", "gemini-2.5-pro", "gpt-4o-mini")[number % 4],
                litellm_cost_usd=None if number % 11 == 0 else Decimal(number % 17) / 100,
                ttft_us=200_000 + number * 1000,
            )
            for number in range(400)
        ],
    )
    for number in range(12):
        started = at - timedelta(hours=number, minutes=20)
        record(
            ledger,
            [
                failure(started_at=started, request=number, provider="azure", error_kind="rate_limit"),
                Attempt(started + timedelta(seconds=2), request=number, provider="openai"),
            ],
        )
    record(ledger, [Attempt(at - timedelta(minutes=1), model=NASTY), Attempt(at, model="m")])
    refresh_rollups(ledger, now_us=to_us(at))
    ledger.close()


def _is_complaint(said: ConsoleMessage) -> bool:
    """An error; but under the address of a page Streamlit looks for its server there first, then at the root."""
    return said.type == "error" and "/_stcore/" not in said.location["url"]


def _foreign(url: str, home: str) -> bool:
    return url.startswith("http") and not url.startswith(home)


def _choose(page: Page, label: str, option: str) -> None:
    """Take an option. The list closes when the page moves beneath it, as it does while charts arrive; then again."""
    for _ in range(12):
        page.get_by_role("combobox", name=label, exact=True).click()
        try:
            page.get_by_role("option", name=option).click(timeout=PATIENCE_MS / 12)
        except Late:
            page.keyboard.press("Escape")
        else:
            return
    pytest.fail(f"{option} could not be chosen")


def _figure(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").first


def _number(page: Page) -> int:
    return int(_figure(page, "Calls").inner_text())
