"""Columns of dollars: as many decimals for all rows as the smallest amount needs, so that none looks like nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import polars as pl
import streamlit as st

from analytics.figures import decimals

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

CENTS, OF_ONE_CALL = 2, 6
"""Decimals that are shown at least: what single calls cost is told apart beyond the cent."""
MOST_DECIMALS = 8
"""What differs beyond these is a remainder of rounding, and would widen the whole column."""


def decimals_of(amounts: pl.Series, least: int = CENTS) -> int:
    """How many decimals the smallest amount that is not zero needs; no fewer than ``least``."""
    smallest = amounts.cast(pl.Float64).abs().replace(0.0, None).min()
    return max(least, min(decimals(Decimal(str(smallest or 0))), MOST_DECIMALS))


def rounded(frame: pl.DataFrame, *names: str, least: int = CENTS) -> pl.DataFrame:
    """These columns as they are shown: what is beyond their decimals would be cut off, not rounded."""
    return frame.with_columns(pl.col(name).cast(pl.Float64).round(decimals_of(frame[name], least)) for name in names)


def column(
    label: str,
    amounts: pl.Series,
    *,
    explained: str | None = None,
    least: int = CENTS,
    width: Literal["small"] | None = "small",
) -> ColumnConfig:
    """How such a column is drawn. Takes it as it was before it was rounded, or after."""
    smallest = 10.0 ** -decimals_of(amounts, least)
    return st.column_config.NumberColumn(label, format="dollar", step=smallest, width=width, help=explained)
