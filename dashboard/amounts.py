"""Columns of dollars: as many decimals for all rows as the smallest amount needs, so that none looks like nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.figures import decimals

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

MOST_DECIMALS = 8
"""What differs beyond these is a remainder of rounding, and would widen the whole column."""


def decimals_of(amounts: pl.Series) -> int:
    """How many decimals the smallest amount that is not zero needs."""
    least = amounts.cast(pl.Float64).abs().replace(0.0, None).min()
    return min(decimals(Decimal(str(least or 0))), MOST_DECIMALS)


def rounded(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """These columns as they are shown: what is beyond their decimals would be cut off, not rounded."""
    return frame.with_columns(pl.col(name).cast(pl.Float64).round(decimals_of(frame[name])) for name in names)


def column(label: str, amounts: pl.Series, *, explained: str | None = None) -> ColumnConfig:
    """How such a column is drawn. Takes it as it was before it was rounded, or after."""
    smallest = 10.0 ** -decimals_of(amounts)
    return st.column_config.NumberColumn(label, format="dollar", step=smallest, width="small", help=explained)
