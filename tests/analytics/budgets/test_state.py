"""A budget's state is what the raw rows add up to, whatever its window, zone and scope."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.budgets import shelf
from analytics.budgets.definitions import Budget, Threshold, checked, from_json, from_toml, to_json
from analytics.budgets.state import state_of
from scalix.errors import SettingsError
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, forget, record
from tests.soak import at_length
from tests.spool_files import rows, take_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Havana"])
kinds = st.sampled_from(["hour", "day", "week", "month", "5h", "3d"])
spent = st.lists(
    st.builds(
        Attempt,
        started_at=st.integers(-40 * 86_400, 3_600).map(lambda s: NOON + timedelta(seconds=s)),
        provider=st.sampled_from(["openai", "azure"]),
        team_alias=st.none() | st.sampled_from(["search", "ads"]),
        tags=st.none() | st.sampled_from([("x",), ("x", "y")]),
        litellm_cost_usd=st.none() | st.decimals(Decimal(0), Decimal(1000), places=12),
    ),
    max_size=30,
)
scopes = st.sampled_from([{}, {"provider": "openai"}, {"team": "search"}, {"tag": "y"}, {"team": "ads", "tag": "x"}])


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("budgets")))
    yield opened
    opened.close()


def counts(attempt: Attempt, scope: dict[str, str]) -> bool:
    known = {"provider": attempt.provider, "team": attempt.team_alias}
    plain = all(known[name] == value for name, value in scope.items() if name != "tag")
    return plain and ("tag" not in scope or scope["tag"] in (attempt.tags or ()))


@pytest.mark.soak
@settings(max_examples=at_length(12, 400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spent, kinds, zones, scopes)
def test_the_state_is_the_sum_of_the_rows(
    ledger: Ledger, attempts: list[Attempt], kind: str, zone: str, scope: dict[str, str]
) -> None:
    forget(ledger)
    record(ledger, attempts)
    budget = Budget(name="b", amount_usd=Decimal(100), window=kind, zone=zone, scope=scope)
    state = state_of(budget, ledger, NOON)
    start, _ = budget.period.span(NOON)
    inside = [one for one in attempts if start <= one.started_at < NOON and counts(one, scope)]
    known = [one.litellm_cost_usd for one in inside if one.litellm_cost_usd is not None]
    assert state.spent_usd == sum(known, Decimal(0))
    assert (state.spent.attempts, state.unpriced) == (len(inside), len(inside) - len(known))
    assert [one.percent for one in state.crossed] == [at for at in (50, 80, 100) if state.spent_usd >= at]


def test_a_threshold_is_reached_at_the_last_digit_and_not_before(ledger: Ledger) -> None:
    forget(ledger)
    budget = Budget(name="b", amount_usd=Decimal(1), thresholds=(Threshold(50, "block"),))
    record(ledger, [Attempt(NOON - timedelta(hours=1), litellm_cost_usd=Decimal("0.499999999999"))])
    assert not state_of(budget, ledger, NOON).crossed
    record(ledger, [Attempt(NOON - timedelta(hours=1), litellm_cost_usd=Decimal("0.000000000001"))])
    assert state_of(budget, ledger, NOON).crossed == (Threshold(50, "block"),)


def test_burn_rate_is_one_when_spending_is_even(ledger: Ledger) -> None:
    forget(ledger)
    budget = Budget(name="b", amount_usd=Decimal(2), window="day")
    record(ledger, [Attempt(NOON - timedelta(hours=1), litellm_cost_usd=Decimal(1))])
    assert state_of(budget, ledger, NOON).burn_rate == 1.0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount_usd": Decimal(0)}, "no amount"),
        ({"amount_usd": Decimal("NaN")}, "no amount"),
        ({"scope": {"planet": "mars"}}, "nothing is called planet"),
        ({"window": "fortnight"}, "fortnight"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"thresholds": (Threshold(0),)}, "threshold of 0 %"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_budget_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        checked(Budget(**{"name": "b", "amount_usd": Decimal(1), **fields}))  # type: ignore[arg-type]  # by name


def test_a_budget_survives_json_to_the_last_digit() -> None:
    budget = Budget(name="b", amount_usd=Decimal("0.000000000001"), scope={"team": "s"}, thresholds=(Threshold(7),))
    assert from_json(to_json(budget)) == budget


def test_budgets_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "budgets.toml"
    file.write_text(
        '[[budget]]\nname = "search"\namount_usd = 12.50\nscope = {team = "search"}\n'
        'thresholds = [{percent = 90, action = "degrade"}]\n'
    )
    assert from_toml(file) == [
        Budget(
            name="search", amount_usd=Decimal("12.50"), scope={"team": "search"}, thresholds=(Threshold(90, "degrade"),)
        )
    ]
    file.write_text('[[budget]]\nname = "search"\nammount_usd = 1\n')
    with pytest.raises(SettingsError, match="ammount_usd"):
        from_toml(file)


def test_every_change_is_a_fact_with_its_reason(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home")
    ledger, control = Ledger.open(folder), ControlStore.in_folder(folder)
    budget = Budget(name="b", amount_usd=Decimal(1))
    shelf.keep(control, folder.spool, budget, reason="a start", replace=False)
    with pytest.raises(SettingsError, match="already"):
        shelf.keep(control, folder.spool, budget, reason=None, replace=False)
    shelf.keep(control, folder.spool, Budget(name="b", amount_usd=Decimal(2)), reason="more", replace=True)
    assert [one.amount_usd for one in shelf.all_budgets(control)] == [2]
    shelf.remove(control, folder.spool, "b", reason="enough")
    assert shelf.all_budgets(control) == []
    for _ in range(2):
        take_in(ledger, now_us=2_000_000_000_000_000)
    facts = rows(ledger, "changed_at", "reason", "definition IS NULL", table="budget_changes")
    assert [fact[1:] for fact in facts] == [("a start", False), ("more", False), ("enough", True)]
    ledger.close()
    control.close()
