"""The policy that ran reproduces what was recorded; others are estimated within their interval, or not at all."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import pytest

from analytics.intake.ingest import ingest_once
from routing.deciding import decide
from routing.policy import Asked, Candidate, Policy
from routing.replay.baselines import CHEAPEST_LISTED, LAST_MONTH, PRIMARY, SHUFFLE, baselines
from routing.replay.estimating import FEWEST_REQUESTS, cost_measure, estimate
from routing.replay.running import replay, savings
from routing.replay.scenarios import Scenario
from routing.replay.traffic import Request
from routing.scoring import answer_cost
from scalix.errors import SettingsError
from scalix.events import DecisionEvent
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import now_us, to_us
from tests.attempt_rows import Attempt, after_noon, record
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASES = 200
REQUESTS = 300
RAN = Policy(usd_per_s=0.0, exploration=0.2, temperature=0.3)
OTHER = Policy(usd_per_s=0.0, exploration=0.05, temperature=0.05)


def candidates(rng: Random) -> list[Candidate]:
    return [
        Candidate(
            deployment_id=f"d{place}",
            successes=200.0,
            list_input_usd=rng.uniform(1e-6, 3e-6),
            list_output_usd=4e-6,
            latency_s=rng.uniform(0.5, 2.0),
        )
        for place in range(4)
    ]


def wrong_by(name: str) -> float:
    """What the model does not know: deployments cost more or less than it says."""
    return {"d0": 0.8, "d1": 1.0, "d2": 1.25, "d3": 1.1}[name]


def simulated(seed: int, count: int = REQUESTS) -> list[Request]:
    """Traffic as it would have been recorded, with costs that the model does not foresee."""
    rng = Random(seed)
    found = []
    for _ in range(count):
        asked = Asked(input_tokens=rng.lognormvariate(7, 0.8), output_tokens=200.0)
        decision = decide(asked, candidates(rng), RAN, rng.random())
        chosen = decision.candidates[decision.chosen]
        cost = true_cost(asked, chosen) * rng.lognormvariate(-0.045, 0.3)
        found.append(Request(decision=decision, used=asked, cost_usd=cost, seconds=1.0, answered=True))
    return found


def true_cost(asked: Asked, one: Candidate) -> float:
    return (answer_cost(asked, one) or 0.0) * wrong_by(one.deployment_id)


def truth(requests: list[Request], scenario: Scenario) -> float:
    """What the other policy really comes to more than the one that ran, on average over all luck."""
    total = 0.0
    for one in requests:
        new = scenario.chances(one.decision)
        for chance, was, candidate in zip(new, one.decision.probabilities, one.decision.candidates, strict=True):
            total += (chance - was) * true_cost(one.used, candidate)
    return total / len(requests)


def test_intervals_cover_the_truth_in_nine_of_ten_cases() -> None:
    scenario = Scenario(policy=msgspec.structs.asdict(OTHER))
    covered = said = 0
    for seed in range(CASES):
        requests = simulated(seed)
        found = estimate(requests, lambda one: scenario.chances(one.decision), cost_measure())
        covered += abs(found.difference - truth(requests, scenario)) <= found.within
        said += found.decided and found.difference < 0
    assert covered >= 0.9 * CASES
    assert said > 0.9 * CASES, "intervals so wide that they say nothing would cover anything"


def test_the_policy_that_ran_reproduces_what_was_recorded() -> None:
    requests = simulated(1)
    found = estimate(requests, lambda one: Scenario().chances(one.decision), cost_measure())
    assert found.estimated == pytest.approx(sum(one.cost_usd for one in requests) / len(requests))
    assert abs(found.difference) <= found.within + 1e-12
    assert found.effective == pytest.approx(REQUESTS)
    assert found.refused is None


def test_nothing_is_claimed_from_too_few_or_about_what_was_never_tried() -> None:
    few = estimate(simulated(1, FEWEST_REQUESTS - 1), lambda one: one.decision.probabilities, cost_measure())
    assert few.refused is not None
    assert "fewer" in few.refused
    steady = [
        Request(
            decide(Asked(), candidates(Random(1)), Policy(exploration=0.0, curiosity=0.0, temperature=1e-9), 0.5),
            Asked(),
            1.0,
            1.0,
            answered=True,
        )
        for _ in range(200)
    ]
    untried = estimate(steady, lambda _: [0.25] * 4, cost_measure())
    assert untried.refused is not None
    assert "never chosen" in untried.refused
    assert not untried.decided
    assert estimate([], lambda _: [], cost_measure()).refused is not None


def test_an_unlikely_choice_tells_little() -> None:
    requests = simulated(2)
    last = estimate(requests, lambda _: [0.0, 0.0, 0.0, 1.0], cost_measure())
    assert last.effective < REQUESTS / 2


def test_baselines_choose_as_they_say() -> None:
    one = simulated(3, 1)[0]
    ways = baselines({"d2": 3.0, "d3": 1.0})
    listed = [candidate.list_input_usd or 0.0 for candidate in one.decision.candidates]
    assert ways[CHEAPEST_LISTED](one)[listed.index(min(listed))] == 1.0
    assert list(ways[PRIMARY](one)) == [1.0, 0.0, 0.0, 0.0]
    assert list(ways[SHUFFLE](one)) == [0.25] * 4
    assert list(ways[LAST_MONTH](one)) == [0.0, 0.0, 0.75, 0.25]
    assert LAST_MONTH not in baselines({})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Three hundred requests that routing acted on, and what they came to."""
    opened = Ledger.open(Folder(tmp_path))
    events, rows = [], []
    for number, one in enumerate(simulated(7), start=1):
        at = after_noon(seconds=number)
        events.append(
            DecisionEvent(
                at_us=to_us(at),
                trace_id=str(UUID(int=2**96 + number)),
                model_group="chat",
                mode="on",
                acted=True,
                deployment_id=one.decision.deployment_id,
                probability=one.decision.probabilities[one.decision.chosen],
                reason=one.decision.reason,
                decision=msgspec.json.encode(one.decision).decode(),
            )
        )
        cost = round(one.cost_usd, 12)
        rows.append(row(number, one.decision.deployment_id, cost, round(one.used.input_tokens)))
    record(opened, rows)
    write_segment(opened.folder.spool, lines(events))
    ingest_once(opened, opened.folder, now_us=now_us())
    yield opened
    opened.close()


def row(number: int, deployment: str, cost: float, tokens: int) -> Attempt:
    return Attempt(
        request=number,
        started_at=after_noon(seconds=number),
        deployment_id=deployment,
        litellm_cost_usd=Decimal(f"{cost:.12f}"),
        input_tokens=tokens,
        output_tokens=200,
    )


def run(ledger: Ledger, scenario: Scenario, **given: Any) -> Any:
    return replay(scenario, after_noon(), after_noon(hours=1), ledger=ledger, **given)


def test_recorded_traffic_is_replayed_from_the_ledger(ledger: Ledger) -> None:
    same = run(ledger, Scenario())
    assert (same.cost.requests, same.unpriced, same.cost.refused) == (REQUESTS, 0, None)
    assert same.cost.difference == pytest.approx(0.0, abs=1e-15)
    assert same.answered.recorded == 1.0
    assert run(ledger, Scenario(), group="other").cost.refused == "no request was recorded"


def test_other_prices_an_outage_and_a_policy_move_the_cost_their_way(ledger: Ledger) -> None:
    everywhere = run(ledger, Scenario(prices={f"d{place}": 2.0 for place in range(4)}))
    assert everywhere.cost.estimated == pytest.approx(2 * everywhere.cost.recorded, rel=0.02)
    halved = run(ledger, Scenario(prices={"d1": 0.7}))
    assert halved.cost.decided
    assert halved.cost.difference < 0
    down = run(ledger, Scenario(down=frozenset({"d0"})))
    assert down.cost.difference > 0
    stricter = run(ledger, Scenario(policy={"exploration": 0.0, "temperature": 0.01}))
    assert stricter.cost.difference < 0
    assert run(ledger, Scenario(degrade=True)).cost.difference == pytest.approx(0.0, abs=1e-15), "time was free already"


def test_a_wrong_field_of_the_policy_is_told(ledger: Ledger) -> None:
    with pytest.raises(SettingsError, match="exploring"):
        run(ledger, Scenario(policy={"exploring": 1.0}))


def test_savings_are_told_against_every_baseline_with_their_sign(ledger: Ledger) -> None:
    found = {one.baseline: one for one in savings(after_noon(), after_noon(hours=1), ledger=ledger)}
    assert set(found) == {*baselines({})}, "nothing ran in the thirty days before"
    assert found[SHUFFLE].saved_usd > 0
    assert found[CHEAPEST_LISTED].saved_usd < 0, "exploring a fifth of all requests costs more than never to"
