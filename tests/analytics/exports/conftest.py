"""A published lake with priced, mispriced, unpriced and failed attempts over two months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.intake.ingest import ingest_once
from scalix.events import AttemptEvent, PriceEvent
from scalix.folder import Folder
from scalix.store import views
from scalix.store.lake_reader import LakeReader
from scalix.store.ledger import Ledger
from scalix.times import to_us
from tests.lakes import publish_all
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.events import Event

START = datetime(2026, 10, 30, 22, tzinfo=UTC)
HOURS = 60
PRICES = {"input": "2.5", "cache_read": "1.25", "output": "10", "reasoning": "10"}


def prices() -> list[Event]:
    """The list of one model; another model is in no list."""
    made: list[Event] = [
        PriceEvent(
            at_us=to_us(START), provider="openai", model="gpt-4o", meter=meter, amount=Decimal(amount), valid_from_us=0
        )
        for meter, amount in PRICES.items()
    ]
    dearer = PriceEvent(
        at_us=to_us(START), provider="openai", model="gpt-4o", meter="output", amount=Decimal("12.345678"),
        valid_from_us=to_us(START + timedelta(hours=30)),
    )  # fmt: skip
    return [*made, dearer]


def attempt(number: int) -> AttemptEvent:
    """One an hour; every fifth costs what the provider says, every seventh is of an unlisted model."""
    started = START + timedelta(hours=number)
    unlisted, failed = number % 7 == 6, number % 11 == 10
    return AttemptEvent(
        kind="failure" if failed else "success",
        call_id=f"call-{number}",
        trace_id=f"trace-{number // 2}",
        started_us=to_us(started),
        at_us=to_us(started) + 10,
        first_token_us=to_us(started) + 300_000,
        ended_us=to_us(started) + 1_500_000,
        streaming=True,
        upstream=True,
        provider="openai",
        model="nobody-lists-me" if unlisted else "gpt-4o",
        served_model=None if unlisted else "gpt-4o-2024-08-06",
        call_type="acompletion",
        error_kind="rate_limit" if failed else None,
        error_code="429" if failed else None,
        input_tokens=None if failed else 1000 + number,
        cache_read_tokens=None if failed else 333,
        output_tokens=None if failed else 77 + number,
        reasoning_tokens=None if failed else 11,
        tokens_source=None if failed else "reported",
        litellm_cost_pusd=123_456_789 + number if unlisted and number % 2 else None,
        provider_cost_pusd=7_000_000_001 if number % 5 == 4 and not failed and not unlisted else None,
        team_id="t-1" if number % 2 else None,
        team_alias="search" if number % 2 else None,
        key_alias="prod",
        tags=["env:prod", "nightly"] if number % 3 == 0 else None,
        flags=["imported"],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Where it lies."""
    return Folder(tmp_path_factory.mktemp("exports") / "home")


@pytest.fixture(scope="module")
def ledger(folder: Folder) -> Iterator[Ledger]:
    """Everything taken in and published."""
    write_segment(folder.spool, lines(prices()), "host-boot-1.seg")
    opened = Ledger.open(folder)
    now_us = to_us(START + timedelta(hours=HOURS + 1))
    ingest_once(opened, folder, now_us=now_us)
    write_segment(folder.spool, lines([attempt(number) for number in range(HOURS)], "two"), "host-boot-2.seg")
    ingest_once(opened, folder, now_us=now_us)
    with opened.cursor() as cursor:
        views.define_in_ledger(cursor)
    publish_all(opened)
    yield opened
    opened.close()


@pytest.fixture
def lake(ledger: Ledger) -> LakeReader:
    """The lake as commands read it."""
    return LakeReader(ledger.folder.lake_views)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Where to export to."""
    return tmp_path / "out"
