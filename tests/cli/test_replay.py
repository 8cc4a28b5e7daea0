"""`scalix replay`, `savings`, `explain` and `route`, over a lake with nothing running."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from typer.testing import CliRunner

from scalix.cli.app import app
from scalix.errors import ScalixError, SettingsError
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.ledger import Ledger
from tests.dashboard.test_what_if import fill
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("lake"))
    ledger = Ledger.open(folder)
    fill(ledger)
    ledger.close()
    return published(folder, []).root


@pytest.fixture(autouse=True)
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(home))


def run(*arguments: str, expected: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == expected, (result.output, result.exception)
    return str(result.exception) if isinstance(result.exception, ScalixError) else result.stdout


def test_an_outage_is_replayed_for_people_and_programs() -> None:
    assert "150 requests" in run("replay", "--without", "cheap")
    found = json.loads(run("replay", "--without", "cheap", "--price", "dear=2", "--json"))
    assert found["cost"]["estimated"] == pytest.approx(0.0022, rel=0.01)
    assert found["cost"]["recorded"] < 0.0011


def test_too_small_a_record_claims_nothing_and_says_so() -> None:
    assert "nothing can be said" in run("replay", "--group", "nobody", expected=1)


@pytest.mark.parametrize("wrong", [("--policy", "haste=1"), ("--policy", "usd_per_s"), ("--price", "dear=cheap")])
def test_what_cannot_be_replayed_is_told(wrong: tuple[str, str]) -> None:
    result = CliRunner().invoke(app, ["replay", *wrong])
    assert isinstance(result.exception, SettingsError)
    assert wrong[1].partition("=")[0] in str(result.exception)


def test_savings_are_told_against_each_baseline() -> None:
    told = run("savings").splitlines()
    assert len(told) == 4
    assert any("saved -" in line for line in told), "exploring half of the time costs"
    assert {one["baseline"] for one in json.loads(run("savings", "--json"))} == {
        line.split(": saved")[0] for line in told
    }


def test_a_request_is_explained() -> None:
    told = run("explain", str(UUID(int=2**96 + 1)))
    assert "recomputed exactly" in told
    assert "cheap: expected" in told


def test_legacy_needs_a_provider_and_the_mode_is_shown() -> None:
    assert "legacy mode needs --provider" in run("route", "legacy", expected=1)
    assert "all calls go to openai" in run("route", "legacy", "--provider", "openai")
    assert "canary for 2.5 % of requests" in run("route", "canary", "--percent", "2.5")
