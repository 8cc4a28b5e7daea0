"""A quantile out of a histogram is within the stated error of the exact one, whatever the values and however split."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rollups.bins import GAMMA, RELATIVE_ERROR, bin_of, quantile
from analytics.rollups.declared import RELIABILITY
from analytics.rollups.refresh import refresh_rollups
from scalix.demo.traffic.trace import arrivals
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import Attempt, after_noon, record

if TYPE_CHECKING:
    from pathlib import Path

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


def _edges() -> list[int]:
    """The whole numbers on either side of each border between two bins: nowhere else is the error larger."""
    borders = (GAMMA**number for number in range(1, 1_700))
    return [whole for border in borders for whole in (math.floor(border), math.floor(border) + 1)]


def _shapes() -> dict[str, list[int]]:
    rng = np.random.default_rng(7)
    drawn = {
        "lognormal": rng.lognormal(13, 1.5, 20_000),
        "two humps": np.concatenate([rng.normal(3e5, 1e3, 10_000), rng.normal(6e7, 1e6, 10_000)]),
        "heavy tail": (rng.pareto(0.3, 20_000) * 1e3).clip(0, 1e15),
    }
    return {name: numbers.astype(int).tolist() for name, numbers in drawn.items()} | {
        "one outlier": [1_000] * 9_999 + [10**12],
        "half and half, far apart": [1] * 5_000 + [10**15] * 5_000,
        "all equal": [123_456] * 10_000,
        "each power of two": [2**power for power in range(53)],
        "the borders of bins": _edges(),
        "mostly zero": [0] * 9_000 + list(range(1_000)),
    }


def _trace() -> dict[str, list[int]]:
    """What a production service was asked: the time between requests in µs, and their sizes."""
    requests = arrivals(8_819, 1_000)
    moments = [round(one.at_s * 1e6) for one in requests]
    return {
        "trace, time between requests": [after - before for before, after in pairwise(moments)],
        "trace, prompts": [one.context_tokens for one in requests],
        "trace, answers": [one.generated_tokens for one in requests],
        "trace, as if 40 ms for a token": [40_000 * one.generated_tokens + one.context_tokens for one in requests],
    }


DISTRIBUTIONS = _shapes() | _trace()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_error_holds_on_the_trace_and_on_adversarial_distributions(name: str) -> None:
    numbers = DISTRIBUTIONS[name]
    counts = histogram(numbers)
    for share in SHARES:
        exact = float(np.quantile(np.array(numbers), share, method="lower"))
        assert quantile(counts, share) == pytest.approx(exact, rel=RELATIVE_ERROR + FLOAT_SLACK)


def test_percentiles_of_every_grain_hold_it_too(tmp_path: Path) -> None:
    """From attempts to SQL: the trace's answers over two hours and a half, rolled up by minute, hour and day."""
    numbers = DISTRIBUTIONS["trace, as if 40 ms for a token"]
    ledger = Ledger.open(Folder(tmp_path))
    record(ledger, [Attempt(after_noon(seconds=n), latency_us=number) for n, number in enumerate(numbers)])
    refresh_rollups(ledger, now_us=0)
    for grain in RELIABILITY.grains:
        for percent in (95,) if grain == "minute" else (1, 50, 95, 99.9):  # thousands of bins take their time
            found = ledger.read(
                f"SELECT percentile(flatten(list(latency_histogram)), {percent}) FROM {RELIABILITY.table(grain)}"
            ).item()
            exact = float(np.quantile(np.array(numbers), percent / 100, method="lower"))
            assert found == pytest.approx(exact, rel=RELATIVE_ERROR + FLOAT_SLACK)
    ledger.close()


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None
