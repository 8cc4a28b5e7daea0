from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.spend.split import CAUSES, Cell, Side, split, total

NOTHING = Decimal(0)
_amounts = st.decimals(0, 10_000, places=12, allow_nan=False, allow_infinity=False)
_sides = st.builds(
    Side,
    calls=st.integers(0, 10**9),
    useful_usd=_amounts,
    wasted_usd=st.one_of(st.just(NOTHING), _amounts),
    list_usd=st.one_of(st.just(NOTHING), _amounts),
    uncached_usd=st.one_of(st.just(NOTHING), _amounts),
)
_consistent = _sides.filter(lambda side: bool(side.calls) or not side.useful_usd)
_cells = st.builds(Cell, st.one_of(st.none(), st.sampled_from("abc")), _consistent, _consistent)


def _side(calls: int, useful: str, wasted: str = "0", listed: str = "0", uncached: str = "0") -> Side:
    return Side(calls, Decimal(useful), Decimal(wasted), Decimal(listed), Decimal(uncached))


@given(st.lists(_cells, max_size=8))
def test_parts_add_up_to_the_difference_by_cause_and_by_value(cells: list[Cell]) -> None:
    found = split(cells)

    before = total(cell.before.spent_usd for cell in cells)
    after = total(cell.after.spent_usd for cell in cells)
    assert found.difference_usd == after - before
    assert total(found.parts.values()) == after - before
    for change in found.changes:
        assert total(change.parts.values()) == change.difference_usd
    assert [change.difference_usd.copy_abs() for change in found.changes] == sorted(
        (change.difference_usd.copy_abs() for change in found.changes), reverse=True
    )


@given(st.lists(_cells, max_size=5))
def test_the_way_back_is_the_same_with_the_signs_turned(cells: list[Cell]) -> None:
    there = split(cells).parts
    back = split([Cell(cell.value, cell.after, cell.before) for cell in cells]).parts

    assert all(abs(total((there[cause], back[cause]))) <= Decimal(6) * len(cells) / 10**12 for cause in CAUSES)


@given(st.lists(st.builds(lambda value, side: Cell(value, side, side), st.sampled_from("ab"), _consistent)))
def test_where_nothing_changed_every_part_is_nothing(cells: list[Cell]) -> None:
    assert set(split(cells).parts.values()) == {NOTHING}


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (_side(10, "10", "1", "10", "12"), _side(20, "20", "2", "20", "24"), "volume"),
        (_side(10, "10", "1", "10", "12"), _side(10, "20", "2", "20", "24"), "tokens"),
        (_side(10, "10", "0", "10", "10"), _side(10, "6", "0", "6", "10"), "cache"),
        (_side(10, "10", "1", "10", "12"), _side(10, "5", "0.5", "10", "12"), "price"),
        (_side(10, "10", "1", "10", "12"), _side(10, "10", "3", "10", "12"), "retries"),
        (_side(10, "10"), _side(10, "15"), "price"),
    ],
)
def test_a_single_cause_gets_the_whole_difference(before: Side, after: Side, cause: str) -> None:
    found = split([Cell("one", before, after)])

    expected = dict.fromkeys(CAUSES, NOTHING) | {cause: found.difference_usd}
    assert found.difference_usd != 0
    assert found.parts == expected


def test_calls_that_move_to_a_dearer_model_are_mix() -> None:
    found = split(
        [
            Cell("cheap", _side(90, "90", "0", "90", "90"), _side(50, "50", "0", "50", "50")),
            Cell("dear", _side(10, "100", "0", "100", "100"), _side(50, "500", "0", "500", "500")),
        ]
    )

    assert found.parts == dict.fromkeys(CAUSES, NOTHING) | {"mix": Decimal(360)}
    assert [change.value for change in found.changes] == ["dear", "cheap"]


def test_waste_beside_no_success_is_retries() -> None:
    found = split([Cell("a", _side(0, "0", "0"), _side(0, "0", "7"))])

    assert found.parts == dict.fromkeys(CAUSES, NOTHING) | {"retries": Decimal(7)}


def test_it_is_the_mean_over_all_orders_of_change() -> None:
    before, after = _side(10, "12", "2", "10", "16"), _side(25, "45", "9", "50", "64")
    old, new = (_six(side) for side in (before, after))
    expected = dict.fromkeys(CAUSES, 0.0)
    orders = list(permutations(range(6)))
    for order in orders:
        now = list(old)
        for place in order:
            was = _product(now)
            now[place] = new[place]
            expected[CAUSES[place]] += (_product(now) - was) / len(orders)

    found = split([Cell("a", before, after)]).parts

    assert {cause: float(part) for cause, part in found.items()} == pytest.approx(expected)


def _six(side: Side) -> list[float]:
    useful, wasted, listed, uncached = map(float, (side.useful_usd, side.wasted_usd, side.list_usd, side.uncached_usd))
    return [side.calls, 1, uncached / side.calls, listed / uncached, useful / listed, (useful + wasted) / useful]


def _product(factors: list[float]) -> float:
    result = 1.0
    for factor in factors:
        result *= factor
    return result
