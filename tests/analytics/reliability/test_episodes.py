"""Episodes are found in all minutes at once; here the definition is followed one minute after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.reliability.episodes import DEGRADED, MINUTE, OUTAGE, Episode, episodes_in
from analytics.reliability.windows import LEAST, LEAST_ERRORS, LONGEST, ROWS, WINDOW
from tests.attempt_rows import NOON

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Row = tuple[int, str | None, str | None, int, int, str]
"""Minute, provider, deployment, attempts that ended, errors of the provider, their kind."""


class Minute:
    """What one deployment, or all of a provider, ended in one minute."""

    def __init__(self, at: datetime) -> None:
        self.at, self.ended, self.errors, self.kinds = at, 0, 0, Counter[str]()

    def add(self, ended: int, errors: int, kind: str) -> None:
        self.ended, self.errors = self.ended + ended, self.errors + errors
        self.kinds.update({kind: errors} if errors else {})


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Minutes of several deployments, thin or dense, with errors that come in a row or alone."""
    found: list[Row] = []
    for provider, deployment in draw(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4)):
        minute, busiest = 0, draw(st.sampled_from([1, 2, 4, 15]))
        for _ in range(draw(st.integers(1, 40))):
            minute += draw(st.sampled_from([0, 1, 1, 1, 2, 4, 5, 6, 30, 59, 60, 61, 130]))
            ended = draw(st.integers(1, busiest))
            errors = draw(st.sampled_from([0, 0, 0, 1, ended]))
            found.append((minute, provider, deployment, ended, errors, draw(st.sampled_from(["timeout", "server"]))))
    return draw(st.permutations(found))


NAMES = [("a", "one"), ("a", "two"), ("a", None), ("b", "one"), (None, "one"), (None, "two")]


@given(rows())
@example([(minute, "a", "one", 10, 10, "server") for minute in range(70)])
def test_episodes_are_as_the_definition_has_them(found: list[Row]) -> None:
    shared = _shared(found)
    frame = pl.DataFrame(
        [
            (NOON + minute * MINUTE, provider, name, provider in shared, ended, errors, _kinds(kind, errors))
            for minute, provider, name, ended, errors, kind in found
        ],
        ROWS,
        orient="row",
    )
    assert episodes_in(frame) == _by_definition(found)


def test_no_minutes_hold_no_episode() -> None:
    assert episodes_in(pl.DataFrame(schema=ROWS)) == []


def _kinds(kind: str, errors: int) -> list[dict[str, object]] | None:
    return [{"kind": kind, "count": errors}] if errors else None


def _shared(found: list[Row]) -> set[str]:
    names = defaultdict(set)
    for _, provider, name, *_ in found:
        names[provider].add(name)
    return {provider for provider, several in names.items() if provider and len(several - {None}) > 1}


def _by_definition(found: list[Row]) -> list[Episode]:
    shared = _shared(found)
    lines: dict[tuple[str | None, str | None], dict[int, Minute]] = defaultdict(dict)
    for minute, provider, name, ended, errors, kind in found:
        own = [(provider, name)] if name else []
        together = [(provider, None)] if provider in shared else []
        for line in (*own, *together):
            lines[line].setdefault(minute, Minute(NOON + minute * MINUTE)).add(ended, errors, kind)
    episodes = [
        episode
        for names in sorted(lines, key=lambda names: [(name is None, name or "") for name in names])
        for episode in _of_line(*names, [lines[names][minute] for minute in sorted(lines[names])])
    ]
    return sorted(episodes, key=lambda episode: episode.started_at, reverse=True)


def _of_line(provider: str | None, name: str | None, minutes: list[Minute]) -> list[Episode]:
    episodes: list[list[tuple[int, float]]] = []
    ongoing = False
    for place, minute in enumerate(minutes):
        rate = _rate(minutes[: place + 1])
        if rate is None:
            continue
        if ongoing and (rate < DEGRADED or minute.at - minutes[episodes[-1][-1][0]].at > LONGEST):
            ongoing = False
        if rate >= DEGRADED and minute.errors:
            episodes += [] if ongoing else [[]]
            episodes[-1].append((place, rate))
            ongoing = True
    return [_episode(provider, name, minutes, bad) for bad in episodes]


def _rate(minutes: list[Minute]) -> float | None:
    """Of the window that ends with the last of these minutes; None where nothing can be said."""
    window: list[Minute] = []
    for minute in reversed(minutes):
        age: timedelta = minutes[-1].at - minute.at
        if age >= LONGEST or (age >= WINDOW and sum(one.ended for one in window) >= LEAST):
            break
        window.append(minute)
    ended, errors = sum(one.ended for one in window), sum(one.errors for one in window)
    if ended < LEAST:
        return None
    return errors / ended if errors >= LEAST_ERRORS else 0.0


def _episode(provider: str | None, name: str | None, minutes: list[Minute], bad: list[tuple[int, float]]) -> Episode:
    first, detected = bad[0][0], minutes[bad[0][0]].at
    while first and minutes[first - 1].errors and minutes[first - 1].at > detected - LONGEST:
        first -= 1
    within = minutes[first : bad[-1][0] + 1]
    kinds = sum((minute.kinds for minute in within), Counter[str]())
    return Episode(
        provider=provider,
        deployment=name,
        kind="outage" if max(rate for _, rate in bad) >= OUTAGE else "degradation",
        started_at=within[0].at,
        detected_at=detected + MINUTE,
        ended_at=within[-1].at + MINUTE,
        attempts=sum(minute.ended for minute in within),
        provider_errors=sum(minute.errors for minute in within),
        depth=max(rate for _, rate in bad),
        cause=min(kinds, key=lambda kind: (-kinds[kind], kind), default="unknown"),
    )
