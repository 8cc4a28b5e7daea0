"""How long a provider asked to wait is read from its answer, as seconds or as a date, whatever clocks say."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from routing.answers import LONGEST_DATED_S, retry_after_of

NOW = datetime(2026, 11, 26, 10, 0, 0, tzinfo=UTC)


class ProviderError(Exception):
    """As LiteLLM's, which carry the provider's answer."""

    def __init__(self, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = httpx.Response(429, headers=named)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 26 Nov 2026 10:00:20 GMT", 20.0),
        ("Thursday, 26-Nov-26 10:00:20 GMT", 20.0),
        ("Thu Nov 26 10:00:20 2026", 20.0),
        ("Thu, 26 Nov 2026 11:00:20 +0100", 20.0),
        ("Thu, 26 Nov 2026 09:00:00 GMT", 0.0),
        ("Fri, 27 Nov 2026 10:00:00 GMT", LONGEST_DATED_S),
        ("Thu, 26 Nov 99999 10:00:00 GMT", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nonsense_is_not(asked: str, seconds: float | None) -> None:
    assert retry_after_of(ProviderError(retry_after=asked), NOW) == seconds


@pytest.mark.parametrize("skew_h", [-3, 3])
def test_a_date_counts_from_the_providers_own_clock(skew_h: int) -> None:
    hour = 10 + skew_h
    error = ProviderError(
        date=f"Thu, 26 Nov 2026 {hour:02}:00:00 GMT", retry_after=f"Thu, 26 Nov 2026 {hour:02}:00:20 GMT"
    )
    assert retry_after_of(error, NOW) == 20.0


def test_without_an_answer_nothing_was_asked() -> None:
    assert retry_after_of(ValueError("x")) is None
    assert retry_after_of(ProviderError()) is None


def test_the_headers_that_litellm_keeps_are_read_too() -> None:
    error = ValueError("x")
    error.litellm_response_headers = {"retry-after": "Thu, 26 Nov 2026 10:00:20 GMT"}  # type: ignore[attr-defined]
    assert retry_after_of(error, NOW) == 20.0
