"""Our cost equals LiteLLM's for every model of its map, or a named rule explains the difference to the last digit."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.pricing.meters import TOKEN_CLASSES
from tests.analytics.pricing.oracle import Case, cases, entries, ours, shape_of, theirs
from tests.analytics.pricing.rules import RULES, TOLERANCE_USD, Rule
from tests.soak import SOAK, at_length

SEED = 20261123
SOAK_CALLS = 25


def difference(case: Case) -> str | None:
    """None when both agree, else the name of the rule that explains it; fails when none does."""
    priced, other = ours(case), theirs(case)
    if priced.cost_usd is not None and other is not None and abs(float(priced.cost_usd) - other) <= TOLERANCE_USD:
        return None
    for rule in RULES:
        if rule.explains(case, priced, other):
            return rule.name
    pytest.fail(f"{case}: ours {priced.cost_usd}, LiteLLM {other}, explained by no rule; unpriced {priced.unpriced}")


def _compare_all(calls: int, seed: int) -> Counter[str | None]:
    dice = random.Random(seed)
    found: Counter[str | None] = Counter()
    for model, entry in entries().items():
        found.update(difference(case) for case in cases(model, entry, dice, calls))
    return found


def test_every_model_costs_what_litellm_says_or_a_rule_says_why() -> None:
    found = _compare_all(1, SEED)
    assert found[None] > 3_000


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_is_needed(rule: Rule) -> None:
    assert len(RULES) <= 10
    assert difference(rule.example) == rule.name


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="one call per model runs above; `make soak` runs 25")
@pytest.mark.timeout(3600)
def test_every_model_at_length() -> None:
    found = _compare_all(SOAK_CALLS, SEED + 1)
    assert found.keys() >= {rule.name for rule in RULES}
    assert found[None] > 3_000 * SOAK_CALLS


@lru_cache(maxsize=1)
def _by_shape() -> dict[tuple[str, ...], list[str]]:
    shapes: dict[tuple[str, ...], list[str]] = {}
    for model, entry in sorted(entries().items()):
        if cases(model, entry, random.Random(0), 1):
            shapes.setdefault(shape_of(entry), []).append(model)
    return shapes


@pytest.mark.soak
@settings(max_examples=at_length(800, 10_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_price_shapes(data: st.DataObject) -> None:
    """Few shapes hold most models, so shapes are drawn evenly: rare ones are tried as often as common ones."""
    shapes = _by_shape()
    shape = data.draw(st.sampled_from(sorted(shapes)))
    model = data.draw(st.sampled_from(shapes[shape]))
    dice = random.Random(data.draw(st.integers(0, 2**32)))
    for case in cases(model, entries()[model], dice, 1):
        difference(case)


def test_no_token_is_billed_twice() -> None:
    """Each class is one line with its own quantity, and one more token costs exactly its own price more."""
    dice = random.Random(SEED)
    for model, entry in entries().items():
        for case in cases(model, entry, dice, 1):
            priced = ours(case)
            billed = {line.meter: line.quantity for line in priced.lines}
            assert len(billed) == len(priced.lines), case
            used = {name: count for name, count in case.quantities.items() if name in TOKEN_CLASSES and count}
            assert {name: used[name] for name in billed if name in used} == {
                name: count for name, count in billed.items() if name in TOKEN_CLASSES
            }, case
            assert set(used) == set(billed) & set(used) | set(priced.unpriced) & set(used), case
            exact = sum((line.amount_usd for line in priced.lines), Decimal(0))
            assert priced.cost_usd is None or abs(priced.cost_usd - exact) <= Decimal("5e-13"), case
