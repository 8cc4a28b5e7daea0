"""Many users at once through router and collector, at providers that fail one request in twenty: nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.users import ERROR_RATE, load, loss

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.demo.providers.process import FakeProviders

USERS, EACH = 25, 12
NAMES = ("openai-users-a", "openai-users-b", "openai-users-c")


def test_callers_see_no_errors_and_every_attempt_is_in_the_ledger(providers: FakeProviders, tmp_path: Path) -> None:
    profile = {"first_token_ms": 20.0, "error_rate": ERROR_RATE}
    round_ = load(providers, tmp_path, "scalix", users=USERS, each=EACH, names=NAMES, profile=profile)
    assert round_.errors == 0
    assert len(round_.latencies_s) == round_.requests == USERS * EACH
    found = loss(providers, tmp_path, NAMES)
    assert found.provider_errors >= 3, "the providers failed as they should"
    assert found.provider_requests > round_.requests
    assert (found.missing, found.doubled) == (0, 0)
