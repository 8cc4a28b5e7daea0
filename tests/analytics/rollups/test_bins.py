"""A quantile out of a histogram is within the stated error of the exact one, whatever the values and however split."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rollups.bins import RELATIVE_ERROR, bin_of, quantile

SHARES = (0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
FLOAT_SLACK = 1e-9
values = st.lists(
    st.one_of(st.integers(0, 3), st.integers(0, 10**6), st.integers(0, 2**53), st.just(10**6)), min_size=1, max_size=300
)


def histogram(numbers: list[int]) -> Counter[int]:
    return Counter(
        pl.DataFrame({"n": numbers}, schema={"n": pl.Int64}).select(bin_of(pl.col("n"))).to_series().to_list()
    )


@given(values, values)
def test_any_quantile_of_a_sum_of_histograms_is_within_the_stated_error(one: list[int], other: list[int]) -> None:
    merged = histogram(one) + histogram(other)
    for share in SHARES:
        exact = float(np.quantile(np.array(one + other), share, method="lower"))
        found = quantile(merged, share)
        assert found is not None
        assert abs(found - exact) <= exact * (RELATIVE_ERROR + FLOAT_SLACK)


@pytest.mark.parametrize("name", ["lognormal", "two humps", "one outlier", "all equal"])
def test_the_error_holds_on_shapes_that_latencies_have(name: str) -> None:
    rng = np.random.default_rng(7)
    numbers = {
        "lognormal": rng.lognormal(13, 1.5, 20_000),
        "two humps": np.concatenate([rng.normal(3e5, 1e3, 10_000), rng.normal(6e7, 1e6, 10_000)]),
        "one outlier": np.concatenate([np.full(9_999, 1_000), [10**12]]),
        "all equal": np.full(10_000, 123_456),
    }[name].astype(int)
    counts = histogram(numbers.tolist())
    for share in SHARES:
        exact = float(np.quantile(numbers, share, method="lower"))
        assert quantile(counts, share) == pytest.approx(exact, rel=RELATIVE_ERROR + FLOAT_SLACK)


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None
