from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard import formatting
from dashboard.formatting import UNCHANGED, UNKNOWN, Change


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, UNKNOWN),
        (Decimal(0), "$0.00"),
        (Decimal("0.000000000001"), "$0.0000000000010"),
        (Decimal("0.00123456"), "$0.0012"),
        (Decimal("0.01"), "$0.01"),
        (Decimal("2.675"), "$2.68"),
        (Decimal("2.665"), "$2.66"),
        (Decimal("-3.5"), "-$3.50"),
        (Decimal("99999.99"), "$99,999.99"),
        (Decimal(100_000), "$100k"),
        (Decimal("1234567.89"), "$1.23M"),
        (Decimal(10) ** 13, "$10.0T"),
    ],
)
def test_money(amount: Decimal | None, text: str) -> None:
    assert formatting.money(amount) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, UNKNOWN), (0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (999_949, "1.00M"), (12_345_678_901, "12.3B")],
)
def test_count(number: int | None, text: str) -> None:
    assert formatting.count(number) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (None, UNKNOWN),
        (0, "0%"),
        (1, "100%"),
        (0.5, "50.00%"),
        (0.00001, "<0.01%"),
        (0.99999, ">99.99%"),
        (0.9999, "99.99%"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: float | None, text: str) -> None:
    assert formatting.share(part) == text


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (None, UNKNOWN),
        (0, "0 ms"),
        (999_400, "999 ms"),
        (999_600, "1.00 s"),
        (9_994_000, "9.99 s"),
        (9_996_000, "10.0 s"),
        (59_940_000, "59.9 s"),
        (59_960_000, "1 min"),
        (3_723_000_000, "1 h 2 min"),
        (90_000_000_000, "1 d 1 h"),
        (86_400_000_000 * 3, "3 d"),
    ],
)
def test_duration(microseconds: float | None, text: str) -> None:
    assert formatting.duration(microseconds) == text


def test_changes_show_their_sign_and_nothing_where_there_is_nothing_to_compare() -> None:
    assert formatting.relative(Decimal(3), Decimal(2), "off") == Change("+50.0%", "off")
    assert formatting.relative(1, 3, "inverse") == Change("-66.7%", "inverse")
    assert formatting.relative(9.99, 1, "off") == Change("+899%", "off")
    assert formatting.relative(38_059, 1, "normal") == Change("×38.1k", "normal")  # noqa: RUF001 - the sign for times
    assert formatting.relative(2, 2, "normal") is UNCHANGED
    assert formatting.relative(100_001, 100_000, "normal") is UNCHANGED
    assert formatting.relative(2, 0, "normal") == Change(None)
    assert formatting.relative(None, 2, "normal") == Change(None)
    assert formatting.points(0.995, 0.99, "normal") == Change("+0.5 pp", "normal")
    assert formatting.points(0.5, None, "normal") == Change(None)


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\n", "\t", "\x85", "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff"]
)
def test_characters_that_could_deceive_are_shown_as_replaced(character: str) -> None:
    assert formatting.clean(f"gpt{character}4") == "gpt\ufffd4"


def test_long_names_are_cut_and_unknown_ones_stay_unknown() -> None:
    assert formatting.clean("x" * 1_000_000) == "x" * 160 + "…"
    assert formatting.clean_all(["äöü 漢字", None]).to_list() == ["äöü 漢字", None]
