"""The canary steps back when it is worse with confidence, and rarely otherwise, however long it is watched."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from analytics.intake.ingest import ingest_once
from analytics.rollout import FEWEST, Arm, Mean, watch_canary, worse
from scalix import snapshot
from scalix.events import DecisionEvent
from scalix.folder import Folder
from scalix.snapshot import Mode
from scalix.store.ledger import Ledger
from scalix.times import now_us, to_us
from tests.attempt_rows import Attempt, after_noon, failure, record
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 200
STEPS = 40


class Sums:
    """Of one arm, as it grows."""

    def __init__(self) -> None:
        self.count, self.answered, self.cost, self.squares = 0, 0, 0.0, 0.0

    def add(self, rng: Random, success: float, cost: float) -> None:
        """One request more."""
        drawn = cost * rng.lognormvariate(0, 0.8)
        self.count += 1
        self.answered += rng.random() < success
        self.cost += drawn
        self.squares += drawn * drawn

    def arm(self) -> Arm:
        """As it would be read."""
        rate, mean = self.answered / self.count, self.cost / self.count
        return Arm(
            Mean(self.count, rate, math.sqrt(rate * (1 - rate))),
            Mean(self.count, mean, math.sqrt(max(self.squares / self.count - mean * mean, 0.0))),
        )


def stepped_back_after(seed: int, success: float, cost: float) -> int | None:
    """Requests of the canary until it stepped back, looked at every fifty; the others answer 98 % at 1 USD."""
    rng, canary, baseline = Random(seed), Sums(), Sums()
    for step in range(STEPS):
        for _ in range(50):
            canary.add(rng, success, cost)
            baseline.add(rng, 0.98, 1.0)
        if worse(canary.arm(), baseline.arm()):
            return 50 * (step + 1)
    return None


def test_one_that_is_no_worse_is_called_back_at_most_once_in_twenty() -> None:
    called = sum(stepped_back_after(seed, 0.98, 1.0) is not None for seed in range(RUNS))
    assert called <= RUNS / 20


def test_one_that_fails_more_or_costs_more_is_called_back() -> None:
    failing = [stepped_back_after(seed, 0.85, 1.0) for seed in range(20)]
    dear = [stepped_back_after(seed, 0.98, 1.5) for seed in range(20)]
    assert all(after is not None for after in (*failing, *dear))
    assert worse(Arm(Mean(10, 0.0, 0.0), Mean(10, 9.0, 0.0)), Arm(Mean(10, 1.0, 0.0), Mean(10, 1.0, 0.0))) is None


def test_the_hub_steps_back_without_a_restart_and_says_why(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    since = to_us(after_noon(seconds=-1))
    snapshot.write_mode(folder.snapshot, Mode(mode="canary", canary_percent=50, since_us=since))
    ledger = Ledger.open(folder)
    try:
        rows, events = [], []
        for number in range(8 * FEWEST):
            at, acted = after_noon(seconds=number), number % 2 == 0
            broken = acted and number % 6 == 0
            row = failure if broken else Attempt
            rows.append(row(request=number + 1, started_at=at, deployment_id="one"))
            events.append(
                DecisionEvent(
                    at_us=to_us(at),
                    trace_id=str(UUID(int=2**96 + number + 1)),
                    mode="canary",
                    acted=acted,
                    deployment_id="one",
                    probability=1.0,
                    reason="test",
                    decision="{}",
                )
            )
        record(ledger, rows)
        write_segment(folder.spool, lines(events))
        ingest_once(ledger, folder, now_us=now_us())
        assert watch_canary(ledger, folder, now_us=to_us(after_noon(seconds=30))) == 0, "too early to say"
        assert watch_canary(ledger, folder, now_us=to_us(after_noon(hours=1))) == 1
        assert watch_canary(ledger, folder, now_us=to_us(after_noon(hours=2))) == 0, "once"
    finally:
        ledger.close()
    mode = snapshot.read_mode(folder.snapshot)
    assert mode.mode == "shadow"
    assert mode.note is not None
    assert "answered" in mode.note
