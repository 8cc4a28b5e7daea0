from __future__ import annotations

import tomllib
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from analytics.filters import Filters
from analytics.reliability.episodes import Episode
from dashboard import charts, failover_charts, host
from tests.attempt_rows import NOON, after_noon

if TYPE_CHECKING:
    from datetime import datetime

HOUR = Filters(NOON, NOON + timedelta(hours=1))


def _frame(*rows: tuple[int, str | None, str | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "at": [after_noon(minutes=minute) for minute, *_ in rows],
            "provider": [provider for _, provider, *_ in rows],
            "spent_usd": [None if cost is None else Decimal(cost) for _, _, cost, _ in rows],
            "unpriced": [0] * len(rows),
            "attempts": [1] * len(rows),
            "ended": [1] * len(rows),
            "provider_errors": [0] * len(rows),
            "error_rate": [rate for *_, rate in rows],
        },
        schema_overrides={"spent_usd": pl.Decimal(38, 12), "provider": pl.String, "error_rate": pl.Float64},
    )


def _drawn(chart: Any) -> list[dict[str, Any]]:
    (rows,) = chart.to_dict()["datasets"].values()
    return list(rows)


def test_costs_of_a_stretch_lie_on_top_of_each_other() -> None:
    frame = _frame((0, "azure", "1.5", 0.0), (0, "openai", "2", 0.0), (1, "openai", "4", 0.0), (2, "azure", None, 0.0))

    rows = _drawn(charts.cost_over_time(frame, HOUR, charts.colours(["azure", "openai"])))

    assert [(row["provider"], row["below"], row["above"], row["when"]) for row in rows] == [
        ("azure", 0.0, 1.5, "2026-11-20 12:00"),
        ("openai", 1.5, 3.5, "2026-11-20 12:00"),
        ("openai", 0.0, 4.0, "2026-11-20 12:01"),
    ]
    assert [row["until"] - row["at"] for row in rows] == [60_000] * 3


def test_a_short_episode_is_wide_enough_to_see_in_a_long_span() -> None:
    month = Filters(NOON - timedelta(days=30), NOON)

    def episode(started: datetime, length: timedelta) -> Episode:
        return Episode("openai", "eu", "outage", started, started, started + length, 9, 9, 1.0, "server")

    minute, day = timedelta(minutes=1), timedelta(days=1)
    given = [episode(NOON - 9 * day, minute), episode(NOON - minute, minute), episode(NOON - 5 * day, day)]
    short, last, long = _drawn(failover_charts.timeline(given, month))

    assert (short["until"] - short["at"], short["from"], short["to"]) == (
        30 * day / timedelta(milliseconds=1) / 200,
        "2026-11-11 12:00",
        "2026-11-11 12:01",
    )
    assert last["until"] - last["at"] == short["until"] - short["at"]
    assert last["until"] == NOON.timestamp() * 1000
    assert long["until"] - long["at"] == day / timedelta(milliseconds=1)


def test_no_known_cost_and_no_ended_attempt_make_no_chart() -> None:
    frame = _frame((0, "azure", None, None))

    assert charts.cost_over_time(frame, HOUR, {}) is None
    assert charts.error_rate_over_time(frame, HOUR, {}) is None
    assert charts.cost_over_time(_frame(), HOUR, {}) is None
    assert charts.error_rate_over_time(_frame(), HOUR, {}) is None


def test_a_single_point_is_drawn_over_the_whole_span_in_utc() -> None:
    chart = charts.error_rate_over_time(_frame((7, None, "1", 0.25)), HOUR, charts.colours([]))

    assert chart is not None
    spec = chart.to_dict()
    assert [(row["provider"], row["error_rate"]) for row in _drawn(chart)] == [(charts.OTHER, 0.25)]
    assert spec["encoding"]["x"]["scale"]["type"] == "utc"
    assert [(edge["hours"], edge["utc"]) for edge in spec["encoding"]["x"]["scale"]["domain"]] == [
        (12, True),
        (13, True),
    ]
    assert spec["mark"]["point"]


def test_a_name_made_to_deceive_does_not_reach_the_chart() -> None:
    rows = _drawn(charts.cost_over_time(_frame((0, "open\u202eai\n", "1", 0.0)), HOUR, {}))

    assert rows[0]["provider"] == "open\ufffdai\ufffd"


def test_providers_keep_their_colour_whoever_else_is_there() -> None:
    alone = charts.colours(["anthropic"])
    crowd = charts.colours(["anthropic", "aaa", "openai", *(f"p{number}" for number in range(20))])

    assert alone["anthropic"] == crowd["anthropic"]
    assert crowd["openai"] != crowd["anthropic"]
    assert len({crowd[name] for name in ("anthropic", "openai", "aaa", "p0", "p1", "p10", "p11", "p12")}) == 8
    assert charts.colours(["a", "b"]) == charts.colours(["b", "a"])


@pytest.mark.parametrize("colour", [*charts.PALETTE, charts.OTHER_COLOUR])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_can_be_told_from_both_backgrounds(colour: str, mode: str) -> None:
    theme = tomllib.loads(host.THEME.read_text(encoding="utf-8"))["theme"]

    assert _contrast(colour, theme[mode]["backgroundColor"]) >= 3


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
