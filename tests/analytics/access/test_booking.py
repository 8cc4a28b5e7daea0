"""What the gateway has counted comes in line with the ledger; what nobody knows stays as it was counted."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import sqlalchemy as sa

from analytics.access import issuing, keys, spending
from analytics.access.booking import book_charges
from analytics.access.clock import Clock
from analytics.access.spending import Call, Offer
from analytics.intake.ingest import ingest_once
from scalix.events import AttemptEvent
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.store.tables.access import charges
from scalix.times import now_us
from tests.hub.running import write_segment

if TYPE_CHECKING:
    from scalix.folder import Folder

USD = 10**12


def _event(kind: Literal["success", "failure"], call: str, at_us: int, **facts: Any) -> AttemptEvent:
    """The final event of an attempt on a model that the price book does not know."""
    seen = {"provider": "house", "model": "m", "upstream": True, "ended_us": at_us + 5, **facts}
    return AttemptEvent(kind=kind, call_id=call, started_us=at_us, at_us=at_us + 5, **seen)


LATER_US = 120_000_000


def test_the_ledgers_word_holds(folder: Folder, pepper: bytes) -> None:
    with closing(ControlStore.in_folder(folder)) as control, closing(Ledger.open(folder)) as ledger:
        _, key = issuing.mint(control, pepper, by="test")
        names = {name: str(UUID(int=number)) for number, name in enumerate(("two", "broken", "elsewhere"), 1)}
        with control.transaction() as connection:
            for call in names.values():
                spending.reserve(connection, Clock(), "me", Call(call, (("key", key),), (Offer(USD),)))
            for call in (names["two"], names["broken"]):
                spending.settle(connection, call, USD // 2, now_us=now_us())
        at_us = now_us()
        write_segment(
            folder.spool,
            [
                _event("failure", names["two"], at_us, error_kind="rate_limit"),
                _event("success", names["two"], at_us + 1, litellm_cost_pusd=USD // 5),
                _event("failure", names["broken"], at_us, error_kind="client_disconnect"),
            ],
        )
        ingest_once(ledger, folder, now_us=now_us())
        assert book_charges(control, ledger, now_us=now_us()) == 0, "too early to know of every attempt"
        assert book_charges(control, ledger, now_us=now_us() + LATER_US) == 2
        account = keys.named(control, key).account
        assert (account.spent_usd, account.reserved_usd) == (Decimal("0.7"), Decimal(1))
        with control.reading() as connection:
            assert connection.execute(sa.select(charges.c.id)).all() == [(names["elsewhere"],)]
