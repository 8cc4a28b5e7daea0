"""The month of history: the same from the same seed, and with everything in it that the charts are to show."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from scalix.demo.history.incidents import CACHE_REGRESSION_DAYS, OUTAGE, PRICE_BEFORE, PRICE_CHANGE_DAYS
from scalix.demo.history.writing import history_lines, write_history
from scalix.demo.providers.prices import LISTED, price_of
from scalix.demo.providers.tokens import Tokens
from scalix.events import payload_of
from scalix.times import from_us

if TYPE_CHECKING:
    from pathlib import Path

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
REQUESTS = 6000


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return [msgspec.json.decode(payload_of(line)) for line in history_lines(END, requests=REQUESTS)]


def finished(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Final events, each with its age in days at the end."""
    final = [event for event in events if event["kind"] in {"success", "failure"}]
    return [event | {"age": (END - from_us(event["started_us"])) / timedelta(days=1)} for event in final]


def test_the_same_seed_gives_the_same_lines() -> None:
    once = list(history_lines(END, seed=7, requests=300))
    assert once == list(history_lines(END, seed=7, requests=300))
    assert once != list(history_lines(END, seed=8, requests=300))


def test_segments_hold_every_line_after_their_header(tmp_path: Path) -> None:
    written = write_history(tmp_path, END, requests=300)
    (segment,) = tmp_path.glob("*.seg")
    header, *lines = segment.read_bytes().splitlines(keepends=True)
    assert b'"kind":"process"' in payload_of(header)
    assert lines == list(history_lines(END, requests=300))
    assert len(lines) == written


def test_each_final_event_closes_an_opened_attempt_after_it_began(events: list[dict[str, Any]]) -> None:
    opened = {(event["call_id"], event["started_us"]) for event in events if event["kind"] == "opened"}
    closed = [(event["call_id"], event["started_us"]) for event in finished(events)]
    assert len(closed) == len(set(closed)) > REQUESTS * 0.9
    assert set(closed) <= opened
    assert all(event["ended_us"] > event["started_us"] for event in finished(events))
    assert all(END - timedelta(days=31) < from_us(started) <= END for _, started in opened)


def test_days_are_busier_than_nights_and_weekends(events: list[dict[str, Any]]) -> None:
    moments = [from_us(event["started_us"]) for event in events if event["kind"] == "opened"]
    hours = Counter(moment.hour for moment in moments)
    days = Counter(moment.weekday() for moment in moments)
    assert hours[10] > 2 * hours[3]
    assert days[1] > 1.5 * days[6]


def test_costs_are_the_price_lists(events: list[dict[str, Any]]) -> None:
    for event in finished(events):
        if event["kind"] == "success" and event["model"] == "claude-sonnet-4-5":
            counts = Tokens(
                input=event["input_tokens"],
                cache_read=event.get("cache_read_tokens", 0),
                cache_write_5m=event.get("cache_write_5m_tokens", 0),
                output=event["output_tokens"],
            )
            price = price_of(event["model"], LISTED)
            assert price is not None
            assert event["litellm_cost_pusd"] == price.cost_pusd(counts)


def test_the_local_model_has_no_price(events: list[dict[str, Any]]) -> None:
    local = [event for event in finished(events) if event["provider"] == "lm_studio"]
    assert local
    assert not any("litellm_cost_pusd" in event for event in local)


def test_the_outage_moves_requests_elsewhere(events: list[dict[str, Any]]) -> None:
    during = [event for event in finished(events) if 0 <= OUTAGE.begins - event["age"] < OUTAGE.lasts]
    openai = [event for event in during if event["provider"] == "openai"]
    assert sum(event["kind"] == "failure" for event in openai) > 0.6 * len(openai) > 0
    chains = defaultdict(list)
    for event in during:
        chains[event["trace_id"]].append(event)
    assert any(
        chain[0]["provider"] == "openai" and chain[0]["kind"] == "failure" and chain[-1]["kind"] == "success"
        for chain in chains.values()
    )


def test_the_price_change_and_the_cache_regression_show(events: list[dict[str, Any]]) -> None:
    begins, ends = CACHE_REGRESSION_DAYS
    cached: dict[bool, list[float]] = {True: [], False: []}
    dollars: dict[bool, list[float]] = {True: [], False: []}
    for event in finished(events):
        if event["kind"] == "success" and "feature:support-bot" in event["tags"]:
            read, new = event.get("cache_read_tokens", 0), event["input_tokens"] + event.get("cache_write_5m_tokens", 0)
            cached[ends < event["age"] <= begins].append(read / (read + new))
        if event["kind"] == "success" and event["model"] == "gpt-4.1-mini":
            plain = Tokens(input=event["input_tokens"], output=event["output_tokens"])
            price = price_of("gpt-4.1-mini", LISTED)
            assert price is not None
            dollars[event["age"] > PRICE_CHANGE_DAYS].append(event["litellm_cost_pusd"] / price.cost_pusd(plain))
    assert max(cached[True]) < 0.1
    assert min(cached[False]) > 0.5
    assert set(dollars[False]) == {1.0}
    assert all(share == pytest.approx(float(PRICE_BEFORE), rel=1e-6) for share in dollars[True])
