"""`scalix replay`, `savings`, `explain` and `route`, over a lake with nothing running."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from typer.testing import CliRunner

from scalix import snapshot
from scalix.cli.app import app
from scalix.errors import ScalixError, SettingsError
from scalix.folder import HOME_VARIABLE, Folder
from scalix.snapshot import DeploymentStats, Snapshot
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


def no_constant(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


@pytest.mark.parametrize("command", ["replay", "savings"])
def test_what_cannot_be_told_is_null_for_programs(command: str) -> None:
    told = run(command, "--group", "nobody", "--json", expected=int(command == "replay"))
    found = json.loads(told, parse_constant=no_constant)
    one = found["cost"] if command == "replay" else found[0]["estimate"]
    assert (one["requests"], one["within"]) == (0, None)
    assert command == "replay" or found[0]["within_usd"] is None


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--policy", "haste=1", "the policy has no haste: its fields are usd_per_s, prior_success"),
        ("--policy", "usd_per_s", "usd_per_s is not NAME=NUMBER"),
        ("--policy", "usd_per_s=nan", "usd_per_s=nan is not NAME=NUMBER"),
        ("--price", "dear=cheap", "dear=cheap is not NAME=NUMBER"),
        ("--price", "dear=-1", "dear=-1 is no price"),
        ("--price", "nope=0.5", "could have gone to nope: there are cheap, dear"),
        ("--without", "nope", "could have gone to nope: there are cheap, dear"),
    ],
)
def test_what_cannot_be_replayed_is_told(option: str, value: str, told: str) -> None:
    result = CliRunner().invoke(app, ["replay", option, value])
    assert isinstance(result.exception, SettingsError)
    assert told in str(result.exception)


def test_a_policy_is_refused_without_any_request_too() -> None:
    assert "the policy has no haste" in run("replay", "--policy", "haste=1", "--group", "nobody", expected=1)


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


def test_legacy_takes_a_provider_that_can_be(home: Path) -> None:
    assert "no provider 'opnai', did you mean openai?" in run("route", "legacy", "--provider", "opnai", expected=1)
    assert "all calls go to gemini" in run("route", "legacy", "--provider", "google"), "as providers.toml names it"
    assert "all calls go to hosted_vllm" in run("route", "legacy", "--provider", "hosted_vllm"), "LiteLLM's own"
    assert "no provider 'in-house'" in run("route", "legacy", "--provider", "in-house", expected=1)
    own = DeploymentStats(deployment_id="ours", provider="in-house")
    snapshot.write(home / "snapshot", Snapshot(version=snapshot.VERSION, id="x", made_us=1, deployments={"ours": own}))
    assert "all calls go to in-house" in run("route", "legacy", "--provider", "in-house"), "one that answered calls"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("on", "--percent", "10"), "--percent 10 says nothing about on"),
        (("--percent", "10"), "name the mode"),
        (("--provider", "openai"), "name the mode"),
        (("on", "--provider", "openai"), "no other mode takes it"),
    ],
)
def test_an_option_that_says_nothing_is_refused_and_the_mode_stays(arguments: tuple[str, ...], told: str) -> None:
    run("route", "canary")
    assert told in run("route", *arguments, expected=1)
    assert "canary for 10 % of requests" in run("route")
