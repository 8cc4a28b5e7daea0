"""`scalix budget` and `scalix alert`: what they say and keep, for people and machines."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from analytics.alerts import log
from analytics.alerts.firing import settle
from analytics.alerts.rules import Rule
from analytics.alerts.states import Finding
from analytics.asking.queries import save
from analytics.budgets.calibration import Calibration
from analytics.budgets.forecast import Forecast, Hours
from analytics.budgets.outlook import Outlook
from analytics.rollups.refresh import refresh_rollups
from scalix.cli.app import app
from scalix.cli.budget_text import outlook_text
from scalix.errors import SettingsError
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.times import now
from tests.attempt_rows import Attempt, record
from tests.lakes import publish_all, published

if TYPE_CHECKING:
    from pathlib import Path

SAVED = ("dear", "spend_by_day")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Twenty dollars of yesterday, one an hour, of one team."""
    folder = Folder(tmp_path / "home")
    hours = [now() - timedelta(hours=hour, minutes=1) for hour in range(20)]
    published(folder, [Attempt(at, litellm_cost_usd=Decimal(1), team_alias="search") for at in hours])
    monkeypatch.setenv(HOME_VARIABLE, str(folder.root))
    return folder


def scalix(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done.output


def answer(*arguments: str, status: int = 0) -> Any:
    return json.loads(scalix(*arguments, "--json", status=status))


@pytest.mark.usefixtures("home")
def test_a_budget_is_shown_with_its_burn_rates_and_what_can_be_foretold() -> None:
    scalix("budget", "add", "search", "10", "--window", "7d", "--for", "team=search")
    said = scalix("budget", "show", "search", status=1)
    assert "spent          20.00 USD of 10.00\n" in said
    assert "left           -10.00 USD\n" in said
    assert answer("budget", "show", "search", status=1)["spent_usd"] == "20.000000000000"
    assert "over 1h" in said
    assert "forecast       none" in said
    assert answer("budget", "show", "search", status=1)["forecast"]["at_end"] is None


def test_a_budget_that_is_spent_ran_out_in_the_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = now()
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = [Attempt(month - timedelta(hours=hour), litellm_cost_usd=Decimal(1)) for hour in range(1, 24 * 6)]
    with closing(Ledger.open(Folder(tmp_path / "spent"))) as ledger:
        record(ledger, [*before, Attempt(month, litellm_cost_usd=Decimal(18))])
        refresh_rollups(ledger, now_us=0)
        publish_all(ledger)
        monkeypatch.setenv(HOME_VARIABLE, str(ledger.folder.root))
    scalix("budget", "add", "all", "10")
    said, found = scalix("budget", "show", "all", status=1), answer("budget", "show", "all", status=1)["forecast"]
    assert "runs out" not in said
    assert set(found["runs_out"].values()) == {None}
    # In the first hour of a month no whole hour tells when.
    ran_out = month + timedelta(hours=1)
    whole = ran_out <= at
    assert (f"ran out        by {ran_out:%Y-%m-%d %H:%M} UTC" if whole else "ran out        already") in said
    assert found["ran_out"] == (ran_out.isoformat() if whole else None)


def test_small_amounts_that_lie_ahead_keep_their_digits() -> None:
    ahead = Forecast(
        at=now(), end=now(), spent_usd=0.0, at_end=(0.00021, 0.0009, 0.0025, 0.008, 1.5), fan=(), runs_out=(None,) * 5,
        chance=0.0, all_spent=False,
    )  # fmt: skip
    said = outlook_text(Outlook(Hours(now(), ()), ahead, Calibration(())))
    assert "at its end     0.0025 USD; half of futures 0.00090 to 0.0080, nine of ten 0.00021 to 1.50" in said


@pytest.mark.usefixtures("home")
def test_a_budget_is_played_over_what_was_recorded() -> None:
    since = (now() - timedelta(days=3)).isoformat()
    tried = ("budget", "simulate", "x", "--from", since, "--amount", "10", "--window", "7d", "--at", "100=block")
    found = answer(*tried)
    assert (found["blocked_calls"], found["thresholds"][0]["reached"]) == (10, 1)
    said = scalix(*tried)
    assert "blocked: 10 calls that cost 10.000000 USD" in said
    assert "team search" in said
    with pytest.raises(SettingsError, match="there is no budget nobody"):
        scalix("budget", "simulate", "nobody", "--from", since)


@pytest.mark.usefixtures("home")
def test_what_was_mistyped_is_named() -> None:
    for arguments, said in (
        (("much",), "much is no amount"),
        (("1", "--for", "team"), "write it as team=search"),
        (("1", "--at", "80=explode"), "80=explode is no threshold"),
    ):
        with pytest.raises(SettingsError, match=said):
            scalix("budget", "add", "b", *arguments)


@pytest.mark.usefixtures("home")
def test_channels_show_their_secret_once_and_never_again() -> None:
    added = scalix("alert", "add", "ops", "https://example.com/hooks/verysecret")
    assert "whsec_" in added
    listed = scalix("alert", "list") + json.dumps(answer("alert", "list"))
    assert "webhook at example.com" in listed
    assert "whsec_" not in listed
    assert "verysecret" not in listed
    with pytest.raises(SettingsError, match="kind pigeon is unknown"):
        scalix("alert", "add", "p", "https://example.com", "--kind", "pigeon")


def test_channels_that_are_none_are_warned_of(home: Folder) -> None:
    scalix("alert", "add", "ops", "https://example.com/hook")
    rules, budgets, objectives = (home.root / name for name in ("rules.toml", "budgets.toml", "objectives.toml"))
    rules.write_text('[[rule]]\nname = "x"\nkind = "quality"\nchannels = ["ops", "nobody"]\n')
    budgets.write_text('[[budget]]\nname = "x"\namount_usd = 1\nchannels = ["nobody", "ops"]\n')
    objectives.write_text('[[objective]]\nname = "y"\nmeasure = "errors"\ntarget = 1\nchannels = ["nobody"]\n')
    for what, *arguments in (
        ("budget x", "budget", "add", "x", "5", "--tell", "ops", "--tell", "nobody"),
        ("budget x", "budget", "load", str(budgets)),
        ("objective x", "objective", "add", "x", "errors", "1", "--tell", "nobody"),
        ("objective y", "objective", "load", str(objectives)),
        ("rule x", "alert", "rules", "load", str(rules)),
    ):
        said = CliRunner().invoke(app, arguments)
        assert said.exit_code == 0
        (warned,) = said.stderr.splitlines()
        assert warned.startswith(f"warning: {what} tells nobody, which is no channel (there are: ops); ")
        assert "scalix alert add nobody URL" in warned
        assert "warning" not in said.stdout
    assert CliRunner().invoke(app, ["budget", "edit", "x", "5", "--tell", "ops"]).stderr == ""


def test_rules_are_loaded_switched_and_taken_back(home: Folder) -> None:
    file = home.root / "rules.toml"
    file.write_text('[[rule]]\nname = "slow"\nkind = "sql"\nquery = "SELECT 1"\nquiet = "22:00-07:00"\n')
    assert "1 rules are loaded: slow" in scalix("alert", "rules", "load", str(file))
    scalix("alert", "rules", "disable", "budget")
    said = scalix("alert", "rules", "list")
    assert "slow: sql, every 60 s, warning, quiet 22:00-07:00 UTC" in said
    assert "budget: budget, every 1 s, warning, disabled" in said
    scalix("alert", "rules", "enable", "budget")
    scalix("alert", "rules", "remove", "slow")
    assert {one["name"]: one["enabled"] for one in answer("alert", "rules", "list")}["budget"] is True


def test_a_rule_whose_query_is_no_sql_is_refused_with_its_whole_file(home: Folder) -> None:
    file = home.root / "rules.toml"
    good = '[[rule]]\nname = "good"\nkind = "sql"\nquery = "SELECT 1"\n'
    for query, said in (
        ("SELCT 1", 'Parser Error: syntax error at or near "SELCT"'),
        ("SELECT 1; SELECT 2", "these are 2 statements"),
        ("-- nothing", "these are 0 statements"),
        ("spend_of_nobody", "`scalix sql --list` names"),
    ):
        file.write_text(f'{good}[[rule]]\nname = "bad"\nkind = "sql"\nquery = "{query}"\n')
        with pytest.raises(SettingsError, match="rule bad: its query is no SQL") as caught:
            scalix("alert", "rules", "load", str(file))
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
    assert "good" not in scalix("alert", "rules", "list")


def test_a_rule_may_name_a_query_that_comes_along_or_was_saved(home: Folder) -> None:
    save(home.queries, "dear", "What was dear?", "SELECT 1 AS value WHERE 1 > $least", {"least": "0"})
    file = home.root / "rules.toml"
    file.write_text("".join(f'[[rule]]\nname = "{one}"\nkind = "sql"\nquery = "{one}"\n' for one in SAVED))
    assert "2 rules are loaded" in scalix("alert", "rules", "load", str(file))


@pytest.mark.usefixtures("home")
def test_a_silence_is_made_listed_and_ended() -> None:
    scalix("alert", "silence", "budget", "search", "--for", "90m", "--reason", "load test")
    (made,) = answer("alert", "silences")
    assert (made["reason"], made["until_us"] - made["from_us"]) == ("load test", 90 * 60 * 1_000_000)
    assert "load test" in scalix("alert", "silences")
    scalix("alert", "unsilence", made["id"])
    with pytest.raises(SettingsError, match="no length of time"):
        scalix("alert", "silence", "*", "--for", "soon", "--reason", "x")


@pytest.mark.usefixtures("home")
def test_a_silence_is_of_rules_that_there_are() -> None:
    with pytest.raises(SettingsError, match="there is no rule nope; `scalix alert rules list` names them"):
        scalix("alert", "silence", "nope", "--reason", "x")
    assert scalix("alert", "silences") == "no silences\n"
    scalix("alert", "silence", "*-anomaly", "--reason", "x")


@pytest.mark.usefixtures("home")
def test_what_is_empty_says_so() -> None:
    assert scalix("alert", "list").splitlines() == ["no channels; `scalix alert add NAME URL` adds one", "no alerts"]
    assert scalix("alert", "log") == "no messages\n"
    assert (answer("alert", "log"), answer("alert", "silences")) == ([], [])


def test_the_log_of_a_message_is_of_one_that_there_is(home: Folder) -> None:
    with pytest.raises(SettingsError, match="there is no message nope; `scalix alert log` names them"):
        scalix("alert", "log", "nope")
    scalix("alert", "add", "ops", "https://example.com/hook")
    with closing(ControlStore.in_folder(home)) as control:
        settle(control, Rule(name="r", kind="sql"), [Finding("r", "x", "any", True, None, {})], now_us=1)
        (told,) = log.messages(control)
    assert told["message_id"] in scalix("alert", "log")
    assert "not tried yet" in scalix("alert", "log", told["message_id"])
