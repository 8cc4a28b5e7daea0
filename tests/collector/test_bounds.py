"""The most that a call can have used, from what its request allows."""

from __future__ import annotations

from typing import Any

import pytest

from collector.bounds import output_tokens_high


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"max_tokens": 50}, 50),
        ({"max_tokens": 50, "n": 3}, 150),
        ({"max_tokens": 50, "n": 0}, 50),
        ({"max_completion_tokens": 20, "max_tokens": 50}, 20),
        ({"max_completion_tokens": 0, "max_tokens": 50}, 0),
        ({"max_completion_tokens": "many", "max_tokens": 50}, 50),
        ({"max_completion_tokens": -1, "max_output_tokens": 70}, 70),
        ({"max_tokens": None}, None),
        ({}, None),
    ],
)
def test_the_first_limit_that_is_a_number_holds(options: dict[str, Any], most: int | None) -> None:
    assert output_tokens_high({"optional_params": options}) == most
