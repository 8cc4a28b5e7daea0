"""A crossing is told once, in the window in which it happened, and again only when it happens again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from analytics.alerts import channels
from analytics.alerts.firing import Finding, settle
from scalix.folder import Folder
from scalix.store.control import ControlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_1, DAY_2 = 10, 20


@pytest.fixture
def control(tmp_path: Path) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(Folder(tmp_path / "home"))
    for name in ("one", "two"):
        channels.add_webhook(opened, name, "https://example.com/hook")
    yield opened
    opened.close()


def found(*, crossed: bool, window_us: int | None = DAY_1, **fields: Any) -> Finding:
    known: dict[str, Any] = {"rule": "budget", "subject": "b", "threshold": "80%", "facts": {}}
    return Finding(**{**known, "crossed": crossed, "window_us": window_us, **fields})


def told(control: ControlStore, *findings: Finding) -> list[int]:
    return [settle(control, [finding], now_us=100 + number) for number, finding in enumerate(findings)]


def test_a_crossing_is_told_to_every_channel_once(control: ControlStore) -> None:
    crossed = found(crossed=True)
    assert told(control, found(crossed=False), crossed, crossed, crossed) == [0, 2, 0, 0]
    assert {row["channel"] for row in channels.messages(control)} == {"one", "two"}
    assert len({row["message_id"] for row in channels.messages(control)}) == 1


def test_only_the_channels_named_are_told(control: ControlStore) -> None:
    assert told(control, found(crossed=True, channels=("two", "nobody"))) == [1]


def test_the_next_window_may_cross_again_and_the_end_of_one_is_told(control: ControlStore) -> None:
    first, second = found(crossed=True), found(crossed=True, window_us=DAY_2)
    assert told(control, first, second, second) == [2, 2, 0]
    assert told(control, found(crossed=False, window_us=30)) == [2]
    types = [row["payload"] for row in channels.messages(control)]
    assert sum("budget.resolved" in payload for payload in types) == 2


def test_a_window_crossed_twice_is_told_once(control: ControlStore) -> None:
    crossed, repriced = found(crossed=True), found(crossed=False)
    assert told(control, crossed, repriced, crossed, crossed) == [2, 2, 0, 0]


def test_a_rolling_window_is_told_each_time_it_is_crossed_anew(control: ControlStore) -> None:
    crossed, below = found(crossed=True, window_us=None), found(crossed=False, window_us=None)
    assert told(control, crossed, crossed, below, below, crossed) == [2, 0, 2, 0, 2]
    assert len({row["message_id"] for row in channels.messages(control)}) == 3


def test_thresholds_and_subjects_are_apart(control: ControlStore) -> None:
    findings = [found(crossed=True, threshold=at, subject=name) for at in ("50%", "80%") for name in ("a", "b")]
    assert settle(control, findings, now_us=1) == 8
    assert len(channels.states(control)) == 4
