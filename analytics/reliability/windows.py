"""Windows: how bad each minute of a deployment is, judged by the minutes that end with it.

A minute is judged by the ``WINDOW`` minutes that end with it, or, where traffic is thin, by as many more as it takes to
have ``LEAST`` attempts, at most ``LONGEST``; below that nothing is said. All minutes are judged at once: a window is
a difference of two running sums, and where it begins is found by search.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

WINDOW = timedelta(minutes=5)
LONGEST = timedelta(hours=1)
LEAST = 10
"""Attempts that must have ended in a window for it to be judged."""
LEAST_ERRORS = 3
"""Fewer are chance."""
SECOND = timedelta(seconds=1)
ROWS = pl.Schema(
    {
        "bucket_at": pl.Datetime("us", "UTC"),
        "provider": pl.String(),
        "deployment": pl.String(),
        "shared": pl.Boolean(),
        "ended": pl.Int64(),
        "provider_errors": pl.Int64(),
        "errors": pl.List(pl.Struct({"kind": pl.String(), "count": pl.Int64()})),
    }
)
"""What ``sql/reliability/minutes`` gives."""
_APART = 2**40
"""Seconds, more than any span has: deployments lie so far apart on one line of time, and no window reaches another."""


def placed(rows: pl.DataFrame) -> pl.DataFrame:
    """``ROWS`` on one line of time, those of a shared provider a second time, together.

    Columns: row (its number in what was given), together, moment (seconds on the line, by which it is sorted), and the
    running sums ended_to and errors_to, this row included.
    """
    named = rows.select("provider", "deployment").join(
        _lines(rows), on=["provider", "deployment"], nulls_equal=True, maintain_order="left"
    )
    measured = rows.select(
        pl.int_range(pl.len()).alias("row"), pl.col("bucket_at").dt.epoch("s"), "ended", "provider_errors"
    )
    lines = (
        measured.select(
            "row",
            pl.lit(value).alias("together"),
            (named[name] * _APART + pl.col("bucket_at")).alias("moment"),
            "ended",
            "provider_errors",
        ).drop_nulls("moment")
        for name, value in (("own", False), ("shared", True))
    )
    return (
        pl.concat(lines)
        .sort("moment")
        .select(
            *("row", "together", "moment"),
            pl.col("ended").cum_sum().alias("ended_to"),
            pl.col("provider_errors").cum_sum().alias("errors_to"),
        )
    )


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """On which lines a deployment lies: ``own``, by its name, and ``shared``, with the others of its provider."""
    names = rows.select("provider", "deployment", "shared").unique().with_row_index("line")
    line = pl.col("line").cast(pl.Int64)
    return names.select(
        *("provider", "deployment"),
        pl.when(pl.col("deployment").is_not_null()).then(line).alias("own"),
        pl.when(pl.col("shared")).then(line.min().over("provider") + names.height).alias("shared"),
    )


def judged(line: pl.DataFrame) -> pl.DataFrame:
    """The minutes of such a line, with their windows.

    Columns: begin and end (of its rows on the line, the end not included), row (its last one), together, moment, the
    running sums ended_to and errors_to at its end and ended_before and errors_before at its start, hour_from (the first
    minute less than ``LONGEST`` before), rate (of errors in the window; None: nothing can be said).
    """
    minutes = (
        line.with_columns(pl.int_range(1, pl.len() + 1).alias("end"))
        .filter(pl.col("moment").ne_missing(pl.col("moment").shift(-1)))
        .select(
            *("row", "together", "moment", "end", "ended_to", "errors_to"),
            pl.col("end").shift(1, fill_value=0).alias("begin"),
            pl.col("ended_to").shift(1, fill_value=0).alias("ended_before"),
            pl.col("errors_to").shift(1, fill_value=0).alias("errors_before"),
            _first_since(LONGEST).alias("hour_from"),
        )
    )
    window_from = pl.max_horizontal("hour_from", pl.min_horizontal(_first_since(WINDOW), _first_needed()))
    ended = pl.col("ended_to") - pl.col("ended_before").gather(window_from)
    errors = pl.col("errors_to") - pl.col("errors_before").gather(window_from)
    rate = pl.when(errors >= LEAST_ERRORS).then(errors / ended).otherwise(0.0)
    return minutes.with_columns(pl.when(ended >= LEAST).then(rate).alias("rate"))


def _first_since(age: timedelta) -> pl.Expr:
    """The first minute less than so much before each."""
    return pl.col("moment").search_sorted(pl.col("moment") - age // SECOND, side="right")


def _first_needed() -> pl.Expr:
    """The first minute without which a window up to each would have fewer than ``LEAST`` attempts."""
    return pl.col("ended_to").search_sorted(pl.col("ended_to") - LEAST, side="right")
