"""`scalix key`: from making one to removing it, in words and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from analytics.access.pepper import START
from scalix.cli.app import app
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def scalix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("SCALIX_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    return run


def test_a_key_is_made_listed_rotated_blocked_and_removed(scalix: Callable[..., str]) -> None:
    limits = ["--model", "chat", "--budget", "2.5", "--window", "month", "--rpm", "60", "--degrade-at", "80"]
    made = scalix("key", "create", "--alias", "app", "--user", "ada", "--team", "t", *limits, "--expires", "90d")
    assert made.startswith(START)
    (listed,) = json.loads(scalix("key", "list", "--json"))
    assert (listed["alias"], listed["budget_usd"], listed["models"]) == ("app", "2.5", ["chat"])
    assert (listed["requests_per_minute"], listed["degrade_percent"]) == (60, 80)
    assert "app, ada, t; spent 0 of 2.5 USD, anew on " in scalix("key", "list")
    rotated = scalix("key", "rotate", "app", "--overlap", "1d")
    assert rotated.startswith(START)
    assert rotated != made
    assert scalix("key", "block", "app") == "key app is blocked"
    assert "(blocked)" in scalix("key", "list")
    assert scalix("key", "unblock", listed["id"]) == "key app is on"
    assert scalix("key", "remove", "app") == "key app is gone"
    assert scalix("key", "list") == "no keys; `scalix key create` makes one"


@pytest.mark.parametrize(
    "options", [["--budget", "much"], ["--budget", "-1"], ["--window", "sometimes"], ["--expires", "soon"]]
)
def test_what_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.setenv("SCALIX_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(app, ["key", "create", *options])
    assert done.exit_code != 0
    assert START not in done.output


def test_a_window_that_is_none_is_told_with_those_there_are(scalix: Callable[..., str]) -> None:
    for window in ("fortnight", "2w", ""):
        with pytest.raises(SettingsError, match=f"window {window} is none: choose hour, day, week, month, or a length"):
            scalix("key", "create", "--budget", "1", "--window", window)
    assert scalix("key", "create", "--budget", "1", "--window", "12h").startswith(START)
