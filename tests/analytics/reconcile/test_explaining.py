"""Whatever is billed and whatever was recorded, the parts of a gap add up to it, to the last digit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from analytics.pricing.meters import TOKEN_CLASSES
from analytics.reconcile.accounts import Account, Billed
from analytics.reconcile.explaining import explain
from analytics.reconcile.recorded import Cell

DAY = date(2026, 11, 2)
money = st.decimals(Decimal(0), Decimal(99_999), places=12)
tokens = st.dictionaries(st.sampled_from(TOKEN_CLASSES), st.integers(0, 10**9))
cells = st.builds(
    Cell,
    provider=st.just("openai"),
    model=st.just("gpt-x"),
    day=st.just(DAY),
    ended=st.sampled_from([DAY, DAY + timedelta(days=1)]),
    is_copy=st.booleans(),
    kind=st.sampled_from(["priced", "unpriced", "failed"]),
    calls=st.integers(1, 1_000),
    cost_usd=money,
    high_usd=st.none() | money,
    tokens=tokens,
).map(lambda cell: cell if cell.kind == "priced" else Cell(**{**vars(cell), "cost_usd": Decimal(0)}))
FREE_CALL = Cell("openai", "gpt-x", DAY, DAY, False, "priced", 1, Decimal(0), None, {"input": 726})
accounts = st.builds(
    Account,
    day=st.just(DAY),
    provider=st.just("openai"),
    model=st.none() | st.just("gpt-x"),
    billed=st.builds(
        Billed, requests=st.none() | st.integers(0, 3_000), tokens=st.none() | tokens, amount_usd=st.none() | money
    ),
    began=st.lists(cells, max_size=5),
    moved_in=st.lists(cells, max_size=2),
)
prices: st.SearchStrategy[dict[str, Decimal]] = st.just({}) | st.fixed_dictionaries(dict.fromkeys(TOKEN_CLASSES, money))


@given(accounts, prices, st.booleans())
@example(
    account=Account(DAY, "openai", "gpt-x", Billed(None, {}, None), [FREE_CALL]),
    listed=dict.fromkeys(TOKEN_CLASSES, Decimal(1)),
    moves=False,
)
def test_the_parts_add_up_to_the_gap(account: Account, listed: dict[str, Decimal], moves: bool) -> None:
    if moves:
        account.moved_out = [cell for cell in account.began if not cell.is_copy and cell.ended != DAY]
    found = explain(account, listed)
    assert sum(found.parts.values(), Decimal(0)) == found.gap_usd
    if account.billed.amount_usd is not None:
        assert found.billed_usd == account.billed.amount_usd
    by_token = all(sum(cell.tokens.values()) for cell in account.counted if cell.kind == "priced")
    if account.billed.tokens is not None and by_token:
        assert abs(found.parts["rest"]) <= Decimal("1e-11")


@given(st.lists(cells.filter(lambda cell: cell.kind == "priced" and not cell.is_copy), min_size=1, max_size=4), prices)
def test_a_bill_that_says_what_was_recorded_has_no_parts(began: list[Cell], listed: dict[str, Decimal]) -> None:
    counts = {name: sum(cell.tokens.get(name, 0) for cell in began) for name in TOKEN_CLASSES}
    billed = Billed(sum(cell.calls for cell in began), counts, sum((cell.cost_usd for cell in began), Decimal(0)))
    found = explain(Account(DAY, "openai", "gpt-x", billed, began), listed)
    assert not any(found.parts.values()) or not any(counts.values())
    assert found.gap_usd == 0
