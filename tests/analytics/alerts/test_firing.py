"""A crossing is told once, in the window in which it happened, and again only when it happens again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from analytics.alerts import channels, log, silences
from analytics.alerts.firing import settle
from analytics.alerts.rules import Rule
from analytics.alerts.states import Finding
from scalix.errors import SettingsError
from scalix.store.tables.alerts import outbox
from scalix.times import MICROSECONDS, now_us, to_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

DAY_1, DAY_2 = 10, 20
RULE = Rule(name="budget", kind="budget")
NOW = now_us()


@pytest.fixture(autouse=True)
def two_channels(control: ControlStore) -> None:
    for name in ("one", "two"):
        channels.add(control, name, "https://example.com/hook")


def found(*, crossed: bool | None, window_us: int | None = DAY_1, **fields: Any) -> Finding:
    known: dict[str, Any] = {"rule": "budget", "subject": "b", "threshold": "80%", "facts": {}}
    return Finding(**{**known, "crossed": crossed, "window_us": window_us, **fields})


def told(
    control: ControlStore, *findings: Finding, rule: Rule = RULE, every_s: int = 1, since_us: int = NOW
) -> list[int]:
    """How many messages each finding makes, one look after the other."""
    return [
        settle(control, rule, [finding], now_us=since_us + number * every_s * MICROSECONDS)
        for number, finding in enumerate(findings)
    ]


def payloads(control: ControlStore) -> list[dict[str, Any]]:
    """Contents of the messages for one channel, the oldest first."""
    return [json.loads(row["payload"]) for row in reversed(log.messages(control)) if row["channel"] == "one"]


def states(control: ControlStore) -> list[str]:
    """The states of the history, the oldest first."""
    return [row["state"] for row in reversed(log.history(control))]


def test_a_crossing_is_told_to_every_channel_once(control: ControlStore) -> None:
    crossed = found(crossed=True)
    assert told(control, found(crossed=False), crossed, crossed, crossed) == [0, 2, 0, 0]
    assert {row["channel"] for row in log.messages(control)} == {"one", "two"}
    assert len({row["message_id"] for row in log.messages(control)}) == 1


def test_only_the_channels_named_are_told(control: ControlStore) -> None:
    assert told(control, found(crossed=True, channels=("two", "nobody"))) == [1]
    ruled = Rule(name="r", kind="sql", query="x", channels=("one",))
    assert settle(control, ruled, [found(crossed=True, rule="r")], now_us=NOW) == 1


def test_the_next_window_may_cross_again_and_the_end_of_one_is_told(control: ControlStore) -> None:
    first, second = found(crossed=True), found(crossed=True, window_us=DAY_2)
    assert told(control, first, second, second) == [2, 2, 0]
    assert told(control, found(crossed=False, window_us=30)) == [2]
    kinds = [payload["type"] for payload in payloads(control)]
    assert kinds.count("budget.threshold_reached") == 2
    assert kinds.count("budget.resolved") == 1


def test_a_window_crossed_twice_is_told_once(control: ControlStore) -> None:
    crossed, repriced = found(crossed=True), found(crossed=False)
    assert told(control, crossed, repriced, crossed, crossed, repriced) == [2, 2, 0, 0, 0]


def test_a_rolling_window_is_told_each_time_it_is_crossed_anew(control: ControlStore) -> None:
    crossed, below = found(crossed=True, window_us=None), found(crossed=False, window_us=None)
    assert told(control, crossed, crossed, below, below, crossed) == [2, 0, 2, 0, 2]
    assert len({row["message_id"] for row in log.messages(control)}) == 3


def test_thresholds_and_subjects_are_apart(control: ControlStore) -> None:
    findings = [found(crossed=True, threshold=at, subject=name) for at in ("50%", "80%") for name in ("a", "b")]
    assert settle(control, RULE, findings, now_us=1) == 8
    assert len(log.states(control)) == 4


def test_what_is_no_longer_watched_ends(control: ControlStore) -> None:
    assert told(control, found(crossed=True)) == [2]
    assert settle(control, RULE, [], now_us=NOW + 1) == 2
    assert payloads(control)[-1]["data"]["because"] == "it is no longer watched"


def test_it_is_pending_until_it_has_held_long_enough(control: ControlStore) -> None:
    patient = Rule(name="budget", kind="budget", for_s=20)
    crossed, below = found(crossed=True, window_us=None), found(crossed=False, window_us=None)
    assert told(control, crossed, crossed, below, crossed, crossed, crossed, rule=patient, every_s=10) == [
        0, 0, 0, 0, 0, 2,
    ]  # fmt: skip
    assert states(control) == ["pending", "ok", "pending", "firing"]


def test_what_still_fires_is_told_again_after_the_interval_as_the_same_alert(control: ControlStore) -> None:
    nagging = Rule(name="budget", kind="budget", renotify_s=25)
    assert told(control, *[found(crossed=True)] * 6, rule=nagging, every_s=10) == [2, 0, 0, 2, 0, 0]
    first, again = payloads(control)
    assert again["type"] == "budget.still_firing"
    assert first["data"]["alert"] == again["data"]["alert"]


def test_nothing_to_judge_by_is_no_end_and_no_second_crossing(control: ControlStore) -> None:
    crossed, unknown = found(crossed=True, window_us=None), found(crossed=None, window_us=None)
    below = found(crossed=False, window_us=None)
    assert told(control, unknown, crossed, unknown, unknown, crossed, unknown, below) == [0, 2, 0, 0, 0, 0, 2]
    assert states(control) == ["no data", "firing", "no data", "firing", "no data", "resolved"]


def test_that_there_is_no_data_is_told_where_the_rule_says_so(control: ControlStore) -> None:
    strict = Rule(name="budget", kind="budget", tell_no_data=True)
    assert told(control, found(crossed=None), found(crossed=None), rule=strict) == [2, 0]
    assert payloads(control)[0]["type"] == "budget.no_data"


def test_a_silence_keeps_quiet_and_what_still_holds_at_its_end_is_told(control: ControlStore) -> None:
    made = silences.silence(control, "bud*", "b", seconds=60, reason="known", made_by="me")
    crossed = found(crossed=True)
    assert told(control, crossed, crossed, since_us=now_us()) == [0, 0]
    assert log.states(control)[0]["state"] == "silenced"
    silences.end(control, made.id)
    assert settle(control, RULE, [crossed], now_us=now_us()) == 2
    assert states(control) == ["silenced", "firing"]


def test_an_incident_that_was_told_is_closed_also_in_a_silence(control: ControlStore) -> None:
    assert told(control, found(crossed=True)) == [2]
    silences.silence(control, "*", "*", seconds=60, reason="we work on it", made_by=None)
    at_us = now_us()
    assert settle(control, RULE, [found(crossed=True)], now_us=at_us) == 0
    assert log.states(control)[0]["state"] == "silenced"
    assert settle(control, RULE, [found(crossed=False)], now_us=at_us + 1) == 2


def test_what_was_never_told_is_not_told_as_resolved(control: ControlStore) -> None:
    silences.silence(control, "*", "*", seconds=60, reason="known", made_by=None)
    assert told(control, found(crossed=True), found(crossed=False), since_us=now_us()) == [0, 0]


def test_a_rule_that_groups_tells_all_at_once(control: ControlStore) -> None:
    grouping = Rule(name="budget", kind="budget", group=True)
    findings = [found(crossed=True, subject=name) for name in "abc"]
    assert settle(control, grouping, findings, now_us=NOW) == 2
    (message,) = payloads(control)
    assert message["type"] == "budget.group"
    assert [one["subject"] for one in message["data"]["alerts"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 11, 20, 23, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC)),
        (datetime(2026, 11, 21, 3, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC)),
        (datetime(2026, 11, 21, 6, tzinfo=UTC), None),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
    ],
)
def test_in_quiet_hours_messages_wait_but_not_critical_ones(
    control: ControlStore, at: datetime, until: datetime | None
) -> None:
    quiet = Rule(name="budget", kind="budget", quiet="22:00-07:00", zone="Europe/Berlin")
    findings = [found(crossed=True), found(crossed=True, subject="urgent", severity="critical")]
    settle(control, quiet, findings, now_us=to_us(at))
    with control.transaction() as connection:
        due = {row.payload.count("urgent") > 0: row.next_us for row in connection.execute(outbox.select())}
    assert due == {True: to_us(at), False: to_us(until or at)}


def test_a_silence_needs_a_reason_and_a_length(control: ControlStore) -> None:
    for seconds, reason, said in ((60, " ", "needs a reason"), (0, "x", "must last")):
        with pytest.raises(SettingsError, match=said):
            silences.silence(control, "*", "*", seconds=seconds, reason=reason, made_by=None)
    with pytest.raises(SettingsError, match="no silence xyz"):
        silences.end(control, "xyz")
