"""`scalix sql`: every named query runs, and every format holds the same rows."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from analytics.asking.queries import all_queries
from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.cli.app import app
from scalix.errors import ScalixError
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.ledger import Ledger
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from pathlib import Path

COUNT = "SELECT provider, count(*) AS n, sum(cost_usd) AS usd FROM attempts GROUP BY provider ORDER BY provider"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("lake"))
    ledger = Ledger.open(folder)
    attempts = [Attempt(now(), litellm_cost_usd=Decimal("0.25")), Attempt(now(), provider="azure", tags=("a", "b"))]
    record(ledger, [*attempts, failure(started_at=now(), request=1), Attempt(now(), request=1, litellm_cost_usd=None)])
    lake = Lake(ledger, folder.lake)
    lake.start()
    lake.finish()
    publish_tables(ledger, folder)
    publish_rollups(ledger, folder)
    write_views(folder)
    ledger.close()
    return folder.root


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
        (("SELECT nothing FROM attempts",), "cannot be read"),
        (("CREATE TABLE t (a INT)",), "read-only"),
        (("SELECT 1", "--named", "spend_by_day"), "give one query"),
        (("--named", "nothing"), "there is no query named nothing"),
        (("SELECT 1", "-p", "days"), "name=value"),
        (("-f", "/does/not/exist.sql"), "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: tuple[str, ...], said: str) -> None:
    assert said in run(*arguments, expected=1)
