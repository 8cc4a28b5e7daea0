"""Histograms in log bins: any two can be added, and any quantile of the sum is within 1 % of the exact one.

Bins as in DDSketch (Masson, Rim, Lee: VLDB 2019): bin ``b`` holds values above ``GAMMA`` to the power of b-1, up to
that of b, and stands for a value that differs from none of them by more than ``RELATIVE_ERROR``.
"""

from __future__ import annotations

import math

import polars as pl

RELATIVE_ERROR = 0.01
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
ZERO_BIN = -1
"""Where zero goes. Values are whole, so the next larger one is 1, in bin 0."""
_LOG_GAMMA = math.log(GAMMA)


def bin_of(value: pl.Expr) -> pl.Expr:
    """The bin of whole numbers from 0 on; NULL stays NULL."""
    return (
        pl.when(value == 0)
        .then(pl.lit(ZERO_BIN, pl.Int16))
        .otherwise((value.log() / _LOG_GAMMA).ceil().cast(pl.Int16, strict=False))
    )


def value_of(number: int) -> float:
    """What a bin stands for."""
    return 0.0 if number == ZERO_BIN else 2 * GAMMA**number / (GAMMA + 1)


def added_up(frame: pl.DataFrame, keys: list[str], column: str, item: str = "bin") -> pl.DataFrame:
    """One list per key out of rows with ``item`` and ``count``, sorted by item; NULL items are left out."""
    counts = frame.drop_nulls(item).group_by([*keys, item]).agg(pl.col("count").sum()).sort([*keys, item])
    return counts.group_by(keys, maintain_order=True).agg(pl.struct(item, "count").alias(column))


def quantile(counts: dict[int, int], share: float) -> float | None:
    """The value below which this share of all values lies, as numpy's ``lower`` has it; None without values."""
    rank = math.floor(share * (sum(counts.values()) - 1)) if counts else 0
    below = 0
    for number in sorted(counts):
        below += counts[number]
        if below > rank:
            return value_of(number)
    return None
