"""What rules find in a real ledger: objectives, data quality, anomalies with what explains them, and saved queries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.alerts import log
from analytics.alerts.engine import Engine
from analytics.alerts.rules import BUILT_IN, Rule, all_rules, checked, from_toml, keep, remove
from analytics.alerts.watchers import anomalies, quality, saved_sql
from analytics.objectives.definitions import Objective
from analytics.objectives.shelf import keep as keep_objective
from analytics.rollups.refresh import refresh_rollups
from scalix.errors import SettingsError, StoreError
from scalix.times import MICROSECONDS, to_us
from tests.attempt_rows import NOON, Attempt, failure, record

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from analytics.alerts.states import Finding
    from scalix.folder import Folder
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger

HOUR_END = NOON + timedelta(minutes=5)
SPEND = Rule(name="spend-anomaly", kind="anomaly", measure="spend")
ERRORS = Rule(name="error-anomaly", kind="anomaly", measure="errors")
NO_JOBS: dict[str, float] = {}


def every_hour(weeks: int = 2, **columns: Any) -> list[Attempt]:
    """Twenty calls an hour until the hour before the last whole one."""
    hours = range(2, weeks * 7 * 24)
    return [Attempt(NOON - timedelta(hours=hour, minutes=-3 * n), **columns) for hour in hours for n in range(20)]


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_an_hour_far_above_its_season_is_found_with_parts_that_add_up(ledger: Ledger) -> None:
    record(ledger, [*every_hour(), *every_hour(provider="azure", model="b")])
    last = [NOON - timedelta(minutes=60 - n) for n in range(50)]
    record(ledger, [Attempt(at, litellm_cost_usd=Decimal("0.1"), input_tokens=1000) for at in last])
    record(ledger, [Attempt(at, provider="azure", model="b") for at in last[:20]])
    refresh_rollups(ledger, now_us=0)
    found = by_subject(anomalies.findings(SPEND, ledger, now_us=to_us(HOUR_END)))
    assert {name: one.crossed for name, one in found.items()} == {"openai": True, "azure": False}
    facts = found["openai"].facts
    assert (facts["spent_usd"], facts["expected"]) == (5.0, 0.02)
    assert sum(map(Decimal, facts["split"].values())) == Decimal(facts["more_usd"]) == Decimal("4.98")
    assert sum(map(Decimal, facts["by_model"].values())) == Decimal(facts["more_usd"])


def test_without_some_days_of_history_there_is_no_season(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - timedelta(hours=hour)) for hour in range(1, 30)])
    refresh_rollups(ledger, now_us=0)
    found = anomalies.findings(SPEND, ledger, now_us=to_us(HOUR_END))
    assert [one.crossed for one in found] == [None]


def test_errors_beyond_their_season_are_found_by_deployment_and_kind(ledger: Ledger) -> None:
    record(ledger, every_hour(deployment_id="d"))
    last = [NOON - timedelta(minutes=60 - n) for n in range(30)]
    record(ledger, [failure(started_at=at, deployment_id="d", error_kind="rate_limit") for at in last[:12]])
    record(ledger, [failure(started_at=at, deployment_id="d", error_kind="bad_request") for at in last])
    refresh_rollups(ledger, now_us=0)
    (found,) = anomalies.findings(ERRORS, ledger, now_us=to_us(HOUR_END))
    assert (found.crossed, found.facts["errors"]) == (True, 12)
    assert [(one["kind"], one["after"]) for one in found.facts["split"]] == [("rate_limit", 12)]


def test_a_weekend_is_compared_with_weekends(ledger: Ledger) -> None:
    saturday = NOON + timedelta(days=1)
    hours = [saturday - timedelta(hours=hour) for hour in range(2, 15 * 24)]
    record(ledger, [Attempt(at, litellm_cost_usd=Decimal(1)) for at in hours if at.weekday() < 5])
    record(ledger, [Attempt(saturday - timedelta(minutes=30), litellm_cost_usd=Decimal(1))])
    refresh_rollups(ledger, now_us=0)
    (found,) = anomalies.findings(SPEND, ledger, now_us=to_us(saturday + timedelta(minutes=5)))
    assert found.facts["expected"] == 0.0
    assert found.crossed is True


def test_data_quality_counts_what_has_no_price_and_jobs_that_stand_still(ledger: Ledger) -> None:
    rule = next(rule for rule in BUILT_IN if rule.kind == "quality")
    now_us = to_us(NOON)
    record(ledger, [Attempt(NOON - timedelta(hours=1), litellm_cost_usd=None, model="new") for _ in range(30)])
    with ledger.transaction() as cursor:
        for job, ago, error in (("good", 30, None), ("stale", 3600, None), ("failing", 5, "boom")):
            cursor.execute(
                "INSERT INTO job_runs VALUES ($1, make_timestamptz($2), make_timestamptz($2), 1, 1, $3)",
                [job, now_us - ago * MICROSECONDS, error],
            ).fetchall()
        cursor.execute("INSERT INTO losses VALUES ('p', $1, 4, 0, NULL)", [NOON - timedelta(hours=2)]).fetchall()
    jobs = {"good": 60.0, "stale": 60.0, "failing": 60.0, "never": 60.0}
    all_found = quality.findings(rule, ledger, jobs, running_since_us=0, now_us=now_us)
    assert {name: one.crossed for name, one in by_subject(all_found).items()} == {
        "calls without a price": True,
        "dropped events": True,
        "unreadable lines": False,
        "job good": False,
        "job stale": True,
        "job failing": True,
    }


def test_a_saved_query_fires_by_row(ledger: Ledger) -> None:
    query = "SELECT * FROM (VALUES ('a', 5.0), ('b', 1.0), ('c', NULL)) AS t(subject, value)"
    rule = Rule(name="q", kind="sql", query=query, above=2.0)
    found = saved_sql.findings(rule, ledger.read)
    assert {one.subject: one.crossed for one in found} == {"a": True, "b": False, "c": None}
    assert {one.threshold for one in found} == {"above 2"}
    plain = Rule(name="q", kind="sql", query="SELECT 1 AS broken")
    assert [one.crossed for one in saved_sql.findings(plain, ledger.read)] == [True]


def test_the_engine_settles_each_rule_and_one_that_fails_keeps_no_other_waiting(
    ledger: Ledger, control: ControlStore, folder: Folder
) -> None:
    keep(control, Rule(name="a-broken", kind="sql", query="SELECT nothing FROM nowhere"))
    keep(control, Rule(name="b-good", kind="sql", query="SELECT 'x' AS subject"))
    objective = Objective(name="answers", measure="success", target=Decimal(99))
    keep_objective(control, folder.spool, objective, reason=None, replace=False)
    at: datetime = NOON
    record(ledger, [failure(started_at=at - timedelta(minutes=n % 60), request=n) for n in range(200)])
    refresh_rollups(ledger, now_us=0)
    engine = Engine(control, ledger, ledger.read, NO_JOBS)
    with pytest.raises(StoreError, match=r"rule a-broken cannot be looked at: .*nowhere") as caught:
        engine.tick(now_us=to_us(at))
    assert str(caught.value).endswith("; mend its query, or `scalix alert rules disable a-broken`")
    assert "\n" not in str(caught.value)
    states = {(row["rule"], row["subject"], row["threshold"]): row["state"] for row in log.states(control)}
    assert states["b-good", "x", "any row"] == "firing"
    assert states["objective", "answers", "allowance"] == "firing"
    assert states["objective", "answers", "burn over 1h"] == "firing"
    assert engine.tick(now_us=to_us(at)) == 0, "nothing is due yet"


def test_a_job_stands_still_only_while_the_hub_runs(ledger: Ledger, control: ControlStore) -> None:
    keep(control, Rule(name="data-quality", kind="quality", every_s=1))
    with ledger.transaction() as cursor:
        cursor.execute(
            "INSERT INTO job_runs VALUES ('rollups', $1, $1, 1, 1, NULL)", [NOON - timedelta(hours=9)]
        ).fetchall()
    engine = Engine(control, ledger, ledger.read, {"rollups": 10.0})

    def fires(after: timedelta) -> bool:
        engine._looked.clear()
        engine.tick(now_us=to_us(NOON + after))
        return any(row["state"] == "firing" for row in log.states(control) if row["subject"] == "job rollups")

    ticks = [timedelta(seconds=50 * n) for n in range(6)]
    assert not any(fires(tick) for tick in ticks[:5]), "the hub was off until noon, and a job may miss four minutes"
    asleep = timedelta(hours=8)
    assert [fires(asleep + tick) for tick in ticks] == [False] * 5 + [True]


def test_a_rule_that_is_disabled_ends_its_alerts(ledger: Ledger, control: ControlStore) -> None:
    rule = Rule(name="q", kind="sql", query="SELECT 'x' AS subject")
    keep(control, rule)
    Engine(control, ledger, ledger.read, NO_JOBS).tick(now_us=1)
    keep(control, Rule(name="q", kind="sql", query=rule.query, enabled=False))
    Engine(control, ledger, ledger.read, NO_JOBS).tick(now_us=2)
    assert [row["state"] for row in log.states(control) if row["rule"] == "q"] == ["resolved"]


def test_rules_come_from_a_file_and_take_the_place_of_those_built_in(control: ControlStore, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        '[[rule]]\nname = "spend-anomaly"\nkind = "anomaly"\nabove = 9.0\nby = "team"\nquiet = "22:00-07:00"\n'
        '[[rule]]\nname = "slow"\nkind = "sql"\nquery = "SELECT 1"\n'
    )
    for rule in from_toml(file):
        keep(control, rule)
    known = {rule.name: rule for rule in all_rules(control)}
    assert (known["spend-anomaly"].above, known["spend-anomaly"].by) == (9.0, "team")
    assert set(known) == {*(rule.name for rule in BUILT_IN), "slow"}
    remove(control, "spend-anomaly")
    assert {rule.name: rule for rule in all_rules(control)}["spend-anomaly"].by == "provider"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "a b"}, "letters"),
        ({"every_s": 0}, "durations"),
        ({"quiet": "22-7"}, "quiet hours"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"kind": "sql"}, "saved query"),
        ({"kind": "anomaly", "by": "planet"}, "planet"),
    ],
)
def test_what_is_no_rule_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        checked(Rule(**{"name": "r", "kind": "budget", **fields}))
