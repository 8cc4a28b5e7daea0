"""What is remembered of callers opens nothing once a key, a person or a budget has changed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from analytics.access import issuing, people, shared_limits
from analytics.access.callers import Callers
from analytics.access.limits import Limits
from analytics.access.spending import Call, Offer, OutdatedError
from analytics.access.till import Till
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.store.control import ControlStore

CHANGES: dict[str, Callable[[ControlStore, str], object]] = {
    "blocked": lambda control, key: issuing.block(control, key, by="test", blocked=True),
    "rotated": lambda control, key: issuing.rotate(control, b"p" * 32, key, by="test"),
    "removed": lambda control, key: issuing.remove(control, key, by="test"),
    "team blocked": lambda control, _: people.block(control, ("team", "t"), by="test", blocked=True),
    "limits changed": lambda control, _: people.change(control, ("team", "t"), by="test", limits=Limits(models=("a",))),
    "budget changed": lambda control, _: shared_limits.keep(control, "b", Limits(), by="test", replace=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_was_remembered_is_asked_again_after_a_change(control: ControlStore, change: str) -> None:
    pepper = b"p" * 32
    people.add(control, ("team", "t"), by="test")
    key, identifier = issuing.mint(control, pepper, by="test", team_id="t")
    callers = Callers(control, pepper)
    assert callers.remembered(key) is None
    known = callers.known(key)
    found = callers.remembered(key)
    assert found is not None
    assert found[0] == known
    call = Call("a", found[0].key.accounts, (Offer(1),), as_of=found[1])
    with closing(Till(control)) as till:
        assert till.reserve(call).result(10) == Offer(1)
        CHANGES[change](control, identifier)
        with pytest.raises(OutdatedError):
            till.reserve(Call("b", call.accounts, call.offers, as_of=found[1])).result(10)
    opens = change in {"limits changed", "budget changed"}
    assert (callers.known(key) is not None) == opens
    assert (callers.remembered(key) is not None) == opens, "and what is gone is forgotten"


def test_a_key_that_has_expired_is_not_remembered(control: ControlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    end = now_us() + 60 * 10**6
    key, _ = issuing.mint(control, b"p" * 32, by="test", expires_us=end)
    callers = Callers(control, b"p" * 32)
    assert callers.known(key)
    assert callers.remembered(key)
    monkeypatch.setattr("analytics.access.callers.now_us", lambda: end)
    assert callers.remembered(key) is None
