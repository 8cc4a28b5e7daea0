"""The SQL page: a query, its answer, its chart, and what can be done with it; all of it in the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import streamlit as st

from analytics import reading
from analytics.alerts.rules import all_rules
from analytics.asking import desk
from analytics.asking.queries import named_query
from analytics.filters import Filters
from analytics.spend.asking import DIMENSIONS, readable
from dashboard import sql_charts
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.readers.pool import Pool
from scalix.times import now
from tests.lakes import published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

COUNT = "SELECT provider, count(*) AS n FROM attempts GROUP BY provider ORDER BY provider"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    made = published(Folder(tmp_path_factory.mktemp("asked")))
    pool = Pool(made.lake_views, readers=1)
    control = ControlStore.in_folder(made)
    st.cache_data.clear()
    desk.ask_through(pool, made.queries)
    reading.read_from(None, None, control)
    yield made
    reading.read_from(None)
    desk.ask_through(None)
    control.close()
    pool.close()


@pytest.fixture
def asked(folder: Folder, visit_page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Opens the page with this query in its editor."""
    assert folder.lake_views.exists()
    return lambda sql, **parameters: visit_page("sql", query=sql, **parameters)


def answer(page: AppTest) -> pl.DataFrame:
    assert not page.exception
    return pl.from_pandas(page.tabs[0].dataframe[0].value)


def test_without_a_query_the_page_says_how_to_begin(asked: Callable[..., AppTest]) -> None:
    page = asked("")
    assert not page.exception
    assert page.info
    assert (
        page.sidebar.dataframe[0].value["Column" if "Column" in page.sidebar.dataframe[0].value else "column"].size > 20
    )


@pytest.mark.parametrize("text", ["", " \n"])
def test_running_no_query_asks_for_one(asked: Callable[..., AppTest], text: str) -> None:
    page = asked(text)
    assert not page.warning
    next(one for one in page.button if one.label == "Run").click().run()
    assert not page.exception
    assert [one.value for one in page.warning] == ["Write a query first."]


def test_a_query_is_answered_with_parameters(asked: Callable[..., AppTest]) -> None:
    assert answer(asked(COUNT))["n"].to_list() == [1, 3]
    page = asked("SELECT count(*) AS n FROM attempts WHERE provider = $of", p_of="azure")
    assert answer(page)["n"].to_list() == [1]


def test_a_named_query_comes_with_its_parameters(asked: Callable[..., AppTest]) -> None:
    page = asked("")
    page.selectbox(key="named_query").set_value("spend_by_day").run()
    assert page.text_area[0].value == named_query("spend_by_day").sql
    assert page.text_input(key="p_days").value == "30"
    assert answer(page).height == 1


@pytest.mark.parametrize(
    "sql", ["SELECT nothing", "DROP VIEW attempts", "SELECT * FROM read_text('/etc/passwd')", "SELECT 1; SELECT 2"]
)
def test_what_is_not_answered_is_said_in_plain_text(asked: Callable[..., AppTest], sql: str) -> None:
    page = asked(sql)
    assert not page.exception
    assert [one.value for one in page.error] == ["The query was not answered."]
    assert not page.tabs


def test_a_query_is_saved_and_watched(asked: Callable[..., AppTest], folder: Folder) -> None:
    page = asked("SELECT count(*) AS value FROM attempts WHERE provider = $of", p_of="azure")
    page.text_input(key="save_name").set_value("calls_of")
    page.text_input(key="save_asks").set_value("How many?")
    page.button(key="FormSubmitter:save_query-Save").click().run()
    assert named_query("calls_of", folder.queries).parameters == {"of": "azure"}

    page.text_input(key="rule_name").set_value("many-calls")
    page.number_input(key="rule_above").set_value(2.0)
    page.button(key="FormSubmitter:watch_query-Watch").click().run()
    (rule,) = [one for one in all_rules(reading.control_here()) if one.name == "many-calls"]
    assert (rule.kind, rule.above, rule.below, rule.parameters) == ("sql", 2.0, None, {"of": "azure"})


def test_what_is_no_sql_is_not_watched(asked: Callable[..., AppTest]) -> None:
    page = asked("SELCT 1")
    page.text_input(key="rule_name").set_value("mistyped")
    page.button(key="FormSubmitter:watch_query-Watch").click().run()
    assert any("rule mistyped: its query is no SQL" in one.value for one in page.error)
    assert "mistyped" not in {one.name for one in all_rules(reading.control_here())}


@pytest.mark.parametrize("query", ["cells", "over_time"])
@pytest.mark.usefixtures("folder")
def test_the_sql_beneath_a_chart_runs_on_this_page(query: str) -> None:
    at = now()
    for dimension in DIMENSIONS:
        text = readable(query, Filters(at.replace(year=at.year - 1), at), dimension)
        assert isinstance(desk.ask(text).frame, pl.DataFrame)


@pytest.mark.parametrize("x", ["when", "n", "name"])
def test_a_chart_takes_any_column(x: str) -> None:
    frame = pl.DataFrame({"when": [now(), now()], "n": [1, 2], "name": ["a.b[0]", None], "c": ["x", "y"]})
    drawn = sql_charts.chart(frame, x, "n", "c").to_dict()
    assert drawn["encoding"]["x"]["title"] == x
    assert len(next(iter(drawn["datasets"].values()))) == 2


def test_more_names_than_colours_are_drawn_together() -> None:
    frame = pl.DataFrame({"n": range(20), "name": [str(number) for number in range(20)]})
    (rows,) = sql_charts.chart(frame, "n", "n", "name").to_dict()["datasets"].values()
    assert len({row["colour"] for row in rows}) == sql_charts.MOST_COLOURS
