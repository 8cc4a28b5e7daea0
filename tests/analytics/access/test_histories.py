"""The checker of random histories: no overspending, nothing left reserved, and every dollar where the ledger has it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import median

import pytest

from tests.analytics.access.history import Outcome, Plan, run
from tests.soak import at_length

LEAST_USED = 0.9


def _histories(count: int, root: Path, first: int = 0) -> list[Outcome]:
    outcomes = []
    for seed in range(first, first + count):
        place = root / str(seed)
        place.mkdir()
        outcomes.append(run(Plan.of(seed, f"sqlite:///{place}/control.sqlite", place)))
    return outcomes


def _report(outcomes: list[Outcome]) -> dict[str, object]:
    of_64 = [one.unused_share for one in outcomes if one.plan.callers == 64 and one.unused_share is not None]
    return {
        "histories": len(outcomes),
        "calls": sum(one.admitted for one in outcomes),
        "refusals": sum(one.refused for one in outcomes),
        "kills": sum(one.plan.kills for one in outcomes),
        "worst_overspent_with_max_tokens": max(
            (one.overspent_pusd for one in outcomes if one.plan.max_tokens), default=0
        ),
        "overspent_without": sum(one.overspent_pusd > 0 for one in outcomes if not one.plan.max_tokens),
        "unused_with_64_callers": {"median": median(of_64), "worst": max(of_64)} if of_64 else None,
    }


@pytest.mark.timeout(120)
def test_no_history_overdraws_a_budget(tmp_path: Path) -> None:
    outcomes = _histories(3, tmp_path, first=4)
    assert all(one.admitted > 100 and one.refused for one in outcomes), "budgets were used up"
    assert {one.plan.max_tokens for one in outcomes} == {True, False}
    assert any(one.plan.kills for one in outcomes)


@pytest.mark.timeout(120)
def test_with_64_callers_less_than_a_tenth_is_unused_when_refusals_begin(tmp_path: Path) -> None:
    plan = Plan(
        seed=1,
        callers=64,
        max_tokens=True,
        kills=0,
        lost=0.0,
        jumps=0.05,
        url=f"sqlite:///{tmp_path}/control.sqlite",
        root=tmp_path,
    )
    outcome = run(plan)
    assert outcome.unused_share is not None
    assert outcome.unused_share < 1 - LEAST_USED


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_a_thousand_histories(tmp_path: Path) -> None:
    outcomes = _histories(at_length(2, 1000), tmp_path, first=1000)
    report = _report(outcomes)
    if os.environ.get("SCALIX_SOAK_REPORT"):
        Path(os.environ["SCALIX_SOAK_REPORT"]).write_text(json.dumps(report))
    assert report["worst_overspent_with_max_tokens"] == 0
