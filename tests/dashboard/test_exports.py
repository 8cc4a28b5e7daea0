"""What is downloaded opens in a spreadsheet as the data it is, whatever names people gave things."""

from __future__ import annotations

import io
from decimal import Decimal

import polars as pl
import pytest

from dashboard.exports import csv


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil.example")'])
def test_no_text_is_a_formula(name: str) -> None:
    read = pl.read_csv(io.StringIO(csv(pl.DataFrame({"user": [name, "ann"], "usd": [-1.5, 2.0]}))))
    assert read["user"].to_list() == ["'" + name, "ann"]
    assert read["usd"].to_list() == [-1.5, 2.0]


def test_amounts_keep_their_digits_and_lists_are_text() -> None:
    frame = pl.DataFrame({"tags": [["a", "=b"], None], "usd": [Decimal("0.000000000001"), None]})
    assert csv(frame) == 'tags,usd\n"a, =b",0.000000000001\n,\n'


def test_nothing_is_nothing() -> None:
    assert csv(pl.DataFrame()) == "\n"
