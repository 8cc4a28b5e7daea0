"""Recorded decisions are recomputed whatever has changed since: snapshots, their format, the policy, or the rules."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from routing.asking import Request
from routing.choosing import Chooser
from routing.deciding import decide
from routing.evidence import Answer
from routing.explaining import decoded, explained, matches
from routing.facts import Facts
from routing.observed import LOOK_EVERY_S, Observed
from routing.policy import RULES, Asked, Candidate, Policy
from scalix import snapshot
from scalix.errors import UnexplainedError
from scalix.events import DecisionEvent
from scalix.times import now_us

RECORDED = Path(__file__).parent / "recorded"
"""One file for each number of rules, written when they were new."""
NAMES = ("a", "b", "c", "d")
DECISIONS = 10_000


def _publish(folder: Path, number: int, version: int = snapshot.VERSION) -> None:
    stats = {
        name: snapshot.DeploymentStats(
            deployment_id=name,
            successes=20.0 + number,
            failures=float(place),
            discount=1 + ((number + place) % 7) / 10,
            cache_share=place / 10,
            latency_s=1.0 + place,
            latency_p50_s=1.0,
            latency_p95_s=2.0 + number % 3,
        )
        for place, name in enumerate(NAMES)
    }
    snapshot.write(folder, snapshot.Snapshot(version=version, id=f"s{number}", made_us=now_us(), deployments=stats))


def _recorded(folder: Path) -> list[DecisionEvent]:
    """Decisions while the hub publishes, is upgraded to a format that is not known here, and the policy changes."""
    now, events, rng = [0.0], list[DecisionEvent](), Random(1)
    facts = Facts(list_input_usd=1e-6, list_cached_usd=1e-7, list_output_usd=4e-6)
    observed = Observed(folder, clock=lambda: now[0], most_p95_s=3.0)
    chooser = Chooser(observed, events.append, draw=rng.random, facts=lambda _: facts)
    deployments = [{"model_info": {"id": name}} for name in NAMES]
    for number in range(DECISIONS):
        if number % 500 == 0:
            now[0] += LOOK_EVERY_S
            upgraded = number == DECISIONS // 2
            _publish(folder, number, snapshot.VERSION + 1 if upgraded else snapshot.VERSION)
            chooser.follow(Policy(usd_per_s=number / 1e7, most_p95_s=3.0, temperature=0.05))
        trace = str(number)
        choice = chooser.choose("chat", deployments, Request(trace=trace, input_tokens=rng.uniform(10, 5000)))
        assert choice is not None
        now[0] += 0.001
        name = events[-1].deployment_id
        if rng.random() < 0.1:
            observed.failed(name, "server", trace)
        else:
            observed.succeeded(name, trace, Answer(rng.uniform(0.1, 5), output_tokens=200.0, input_tokens=900.0))
    return events


def test_ten_thousand_decisions_across_snapshots_and_policies_are_recomputed_exactly(tmp_path: Path) -> None:
    events = _recorded(tmp_path)
    assert len(events) == DECISIONS
    assert len({event.snapshot_id for event in events}) == DECISIONS // 500 - 1, "the unknown format was not read"
    assert all(matches(event.decision) for event in events)
    assert all(json.loads(event.decision)["rules"] == RULES for event in events)


@pytest.mark.parametrize("file", sorted(RECORDED.glob("*.jsonl")), ids=lambda file: str(file.stem))
def test_what_older_rules_decided_is_recomputed_or_refused_by_their_number(file: Path) -> None:
    rules = int(file.stem.removeprefix("rules_"))
    lines = file.read_text().splitlines()
    assert len(lines) >= 10
    for line in lines:
        if rules == RULES:
            assert matches(line), "other arithmetic: raise routing.policy.RULES, and record anew"
            continue
        with pytest.raises(UnexplainedError, match=f"made by rules {rules} .* RULES = {rules}"):
            matches(line)


def test_there_is_a_record_of_todays_rules() -> None:
    assert (RECORDED / f"rules_{RULES}.jsonl").exists()


def test_what_a_newer_release_recorded_is_refused_by_its_number() -> None:
    newer = json.dumps({**_everything(), "rules": RULES + 1, "whim": 0.3})
    with pytest.raises(UnexplainedError, match=f"made by rules {RULES + 1}"):
        explained(newer)


@pytest.mark.parametrize("broken", ["", "[1]", '{"rules": "x"}', '{"asked": 3}'])
def test_what_is_no_decision_is_said_to_be_none(broken: str) -> None:
    with pytest.raises(UnexplainedError):
        explained(broken)


def _everything() -> dict[str, Any]:
    """A decision in which every input counts."""
    fields: dict[str, float] = {
        "successes": 40.0,
        "failures": 4.0,
        "prior_success": 0.9,
        "list_input_usd": 1e-6,
        "list_cached_usd": 1e-7,
        "list_output_usd": 4e-6,
        "discount": 0.9,
        "cache_share": 0.3,
        "failure_cost_usd": 0.001,
        "latency_s": 1.5,
        "late_share": 0.04,
        "failure_s": 0.7,
    }
    candidates = [Candidate(deployment_id=name, **fields) for name in NAMES]  # type: ignore[arg-type]  # all numbers
    made = decide(Asked(late_usd=0.01), candidates, Policy(), 0.3)
    return dict(msgspec.json.decode(msgspec.json.encode(made)))


@pytest.mark.parametrize("name", sorted(set(_everything()["candidates"][0]) - {"deployment_id"}))
def test_altering_one_input_of_one_candidate_alters_its_score_alone(name: str) -> None:
    told = _everything()
    told["candidates"][1][name] *= 1.01
    altered = json.dumps(told)
    before, after = decoded(altered).scores, explained(altered).scores
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True, True]
    assert not matches(altered)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("asked", "input_tokens"),
        ("asked", "output_tokens"),
        ("asked", "late_usd"),
        ("policy", "usd_per_s"),
        ("policy", "prior_strength"),
    ],
)
def test_altering_one_input_of_all_alters_every_score(part: str, name: str) -> None:
    told = _everything()
    told[part][name] *= 1.01
    altered = json.dumps(told)
    assert all(old != new for old, new in zip(decoded(altered).scores, explained(altered).scores, strict=True))
