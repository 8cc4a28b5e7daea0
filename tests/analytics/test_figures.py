"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analytics.figures import dollars, short


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("75.596413950000", "75.60"),
        ("-25.6", "-25.60"),
        ("1234567.891", "1,234,567.89"),
        ("0", "0.00"),
        ("0.000013456", "0.000013"),
        ("-0.0036", "-0.0036"),
    ],
)
def test_dollars_have_cents_and_small_amounts_two_digits(amount: str, said: str) -> None:
    assert dollars(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (10.112359550561797, "10.11"),
        (-0.6073030858658861, "-0.6073"),
        (0.99995, "0.99995"),
        (0.1 + 0.2, "0.3"),
        (51234.0, "51,234"),
        (123456.789, "123,457"),
        (0.0, "0"),
        (1e-07, "1e-07"),
    ],
)
def test_numbers_are_short_and_none_is_rounded_to_a_whole(number: float, said: str) -> None:
    assert short(number) == said
