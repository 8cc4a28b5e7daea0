"""`scalix sql`: every named query runs, and every format holds the same rows."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from typer.testing import CliRunner

from analytics.asking.queries import all_queries, save
from scalix.cli import sql_prompt
from scalix.cli.app import app
from scalix.errors import ScalixError, SettingsError
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.lake_reader import LakeReader
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path

COUNT = "SELECT provider, count(*) AS n, sum(cost_usd) AS usd FROM attempts GROUP BY provider ORDER BY provider"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(Folder(tmp_path_factory.mktemp("lake"))).root


@pytest.fixture(autouse=True)
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(home))


def run(*arguments: str, given: str | None = None, expected: int = 0) -> str:
    result = CliRunner().invoke(app, ["sql", *arguments], input=given)
    assert result.exit_code == expected, (result.output, result.exception)
    return str(result.exception) if isinstance(result.exception, ScalixError) else result.stdout


@pytest.mark.parametrize("name", [one.name for one in all_queries()])
def test_every_named_query_runs(name: str) -> None:
    assert isinstance(json.loads(run("--named", name, "--format", "json")), list)


def test_queries_are_listed_with_what_they_ask() -> None:
    listed = run("--list").splitlines()
    assert len(listed) == len(all_queries())
    assert "spend_by_day (days=30): What was spent on each day, and how much of it is known?" in listed
    assert all(": " in line and line.endswith(("?", "...")) for line in listed)


def test_text_formats_hold_the_same_rows(tmp_path: Path) -> None:
    rows = [
        {"provider": "azure", "n": 1, "usd": "0.001000000000"},
        {"provider": "openai", "n": 3, "usd": "0.250000000000"},
    ]
    assert json.loads(run(COUNT, "--format", "json")) == rows
    assert pl.read_csv(io.StringIO(run("--format", "csv", given=COUNT)))["n"].to_list() == [1, 3]
    assert "azure" in run(COUNT)
    query = tmp_path / "query.sql"
    query.write_text(COUNT)
    assert json.loads(run("-f", str(query), "--format", "json")) == rows


def test_binary_formats_keep_types(tmp_path: Path) -> None:
    parquet, arrow = tmp_path / "a.parquet", tmp_path / "a.arrow"
    run(COUNT, "--format", "parquet", "-o", str(parquet))
    run(COUNT, "--format", "arrow", "-o", str(arrow))
    frame = pl.read_parquet(parquet)
    assert frame["usd"].to_list() == [Decimal("0.001"), Decimal("0.25")]
    assert pl.read_ipc_stream(arrow).rows() == frame.rows()


def test_lists_are_json_in_csv() -> None:
    text = run("SELECT tags FROM attempts WHERE tags IS NOT NULL", "--format", "csv")
    assert text == 'tags\n"[""a"", ""b""]"\n'


def test_parameters_are_bound() -> None:
    query = "SELECT $word AS word"
    assert json.loads(run(query, "-p", "word=a' OR 1=1 --", "--format", "json")) == [{"word": "a' OR 1=1 --"}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("SELECT * FROM read_parquet('/does/not/exist')",), "scalix.duckdb cannot be read: IO Error"),
        (("CREATE TABLE t (a INT)",), "read-only"),
        (("SELECT 1", "--named", "spend_by_day"), "give one query"),
        (("--named", "nothing"), "there is no query named nothing"),
        (("SELECT 1", "-p", "days"), "name=value"),
        (("-f", "/does/not/exist.sql"), "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: tuple[str, ...], said: str) -> None:
    assert said in run(*arguments, expected=1)


@pytest.mark.parametrize("text", ["", " \n", "-- a comment alone\n", ";"])
def test_a_file_that_asks_nothing_is_refused(tmp_path: Path, text: str) -> None:
    query = tmp_path / "query.sql"
    query.write_text(text)
    assert "asks nothing: give a query" in run("-f", str(query), expected=1)


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet", "arrow"])
def test_what_cannot_be_written_is_said(tmp_path: Path, form: str) -> None:
    for output in (tmp_path, tmp_path / "none" / "x"):
        said = run(COUNT, "--format", form, "-o", str(output), expected=1)
        assert said.startswith(f"{output} cannot be written: ")
        assert said.endswith("name a file in a folder that exists")
        assert "\n" not in said


@pytest.mark.parametrize("query", ["SELECT nothing FROM attempts", "SELECT count( FROM attempts", "SELECT $days"])
def test_a_mistake_in_the_query_is_not_blamed_on_the_lake(query: str) -> None:
    said = run(query, expected=1)
    assert said.startswith(("Binder Error: ", "Parser Error: ", "Invalid Input Error: "))
    assert "scalix.duckdb" not in said


def test_a_query_that_people_saved_is_run_by_its_name(home: Path) -> None:
    sql = "SELECT count(*) AS n FROM attempts\nWHERE provider = $provider"
    save(home / "queries", "calls_of", "How many calls has a provider?", sql, {"provider": "azure"})
    assert "calls_of (provider=azure): How many calls has a provider?" in run("--list").splitlines()
    assert json.loads(run("--named", "calls_of", "--format", "json")) == [{"n": 1}]
    assert json.loads(run("--named", "calls_of", "-p", "provider=openai", "--format", "json")) == [{"n": 3}]
    (home / "queries" / "calls_of.sql").unlink()


@pytest.mark.parametrize("name", ["", "../x", "Spend", "spend_by_day", "a" * 100, "1st"])
def test_what_cannot_be_a_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        save(home / "queries", name, "?", "SELECT 1")
    assert not (home / "queries").exists() or not list((home / "queries").iterdir())


def test_days_are_utc_days_wherever_the_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert json.loads(run("SELECT current_setting('TimeZone') AS zone", "--format", "json")) == [{"zone": "UTC"}]


def test_the_prompt_answers_and_remembers(home: Path) -> None:
    said: list[tuple[str, dict[str, object]]] = []
    lake = LakeReader(Folder(home).lake_views)

    def answer(sql: str, given: dict[str, object]) -> None:
        said.append((sql, given))
        lake.read(sql, given or None)

    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(
            "SELECT count(*)\rFROM attempts;\rSELECT nothing;\r.describe requests\r.nothing\r.views\r.quit\r"
        )
        sql_prompt.run(lake, home / "history", answer=answer)

    assert [sql for sql, _ in said[:2]] == ["SELECT count(*)\nFROM attempts;", "SELECT nothing;"]
    assert [given for _, given in said[2:]] == [{"view": "requests"}, {}]
    assert "count(*)" in (home / "history").read_text()
    assert (home / "history").stat().st_mode & 0o777 == 0o600


def test_the_prompt_completes_what_the_lake_has(home: Path) -> None:
    completer = sql_prompt.completer(LakeReader(Folder(home).lake_views))

    def offered(text: str) -> set[str]:
        return {one.text for one in completer.get_completions(Document(text), CompleteEvent())}

    assert "reliability_hourly" in offered("SELECT * FROM relhour")
    assert "cost_usd" in offered("SELECT cost_u")
    assert "SELECT" in offered("SELE")
