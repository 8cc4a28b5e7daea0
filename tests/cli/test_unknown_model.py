"""A model that nobody has a price for, from the first call to the adjustment, through the commands people type."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from analytics import quality
from analytics.filters import Filters
from analytics.intake import booking
from analytics.intake.ingest import ingest_once
from analytics.pricing.adjusting import book_repricings
from analytics.rollups.refresh import refresh_rollups
from analytics.spend import spending
from scalix.cli.app import app
from scalix.events import AttemptEvent
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from scalix.times import now, now_us
from tests.lakes import publish_all
from tests.spool_files import call_id, lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOOKED = "SELECT booked_cost_usd, cost_usd, cost_source FROM views.attempts ORDER BY started_at"


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    booking.forget_warnings()
    opened = Ledger.open(Folder(tmp_path / "home"))
    with opened.cursor() as cursor:
        views.define_in_ledger(cursor)
    yield opened
    opened.close()


def call(ledger: Ledger, number: int) -> None:
    """A call of the model a minute ago, as the collector records it, taken in."""
    started = now_us() - 60_000_000
    known: dict[str, Any] = {"call_id": call_id(number), "started_us": started, "at_us": started}
    used = {"input_tokens": 1_000, "output_tokens": 100, "tokens_source": "reported"}
    events = [
        AttemptEvent(kind="opened", provider="house", model="llama-9", upstream=True, **known),
        AttemptEvent(kind="success", **used, **known),  # type: ignore[arg-type]  # spelled out above
    ]
    write_segment(ledger.folder.spool, lines(events, process=f"p{number}"), name=f"host-boot-{number}.seg")
    take_in(ledger)


def take_in(ledger: Ledger) -> None:
    ingest_once(ledger, ledger.folder, now_us=now_us())
    refresh_rollups(ledger, now_us=now_us())


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def spent(ledger: Ledger) -> spending.Spent:
    return spending.totals(Filters(now() - timedelta(hours=1), now()), ledger)[0]


def test_unknown_counted_warned_priced_adjusted(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        run("prices", "set", "house", "llama-8", "input=1", "output=1")
        take_in(ledger)
        call(ledger, 1)
        call(ledger, 2)
    warnings = [record.getMessage() for record in caplog.records if "llama-9" in record.getMessage()]
    assert len(warnings) == 1
    assert "the most similar priced name is llama-8" in warnings[0]
    assert ledger.read(BOOKED).rows() == [(None, None, "none")] * 2
    assert (spent(ledger).spent_usd, spent(ledger).unpriced, spent(ledger).coverage) == (None, 2, 0)

    run("prices", "set", "house", "llama-9", "input=2", "output=10")
    take_in(ledger)
    publish_all(ledger)
    (change,) = json.loads(run("reprice", "--dry-run", "--json"))
    assert (change["model"], change["attempts"], Decimal(change["book_usd"])) == ("llama-9", 2, Decimal("0.006"))
    assert ledger.read(BOOKED).rows() == [(None, None, "none")] * 2, "a dry run books nothing"

    run("reprice", "--reason", "it had no price")
    take_in(ledger)
    assert book_repricings(ledger, now_us=now_us()) == 2
    cost = Decimal("0.003")
    assert ledger.read(BOOKED).rows() == [(None, cost, "adjusted")] * 2
    adjustments = ledger.read("SELECT before_usd, after_usd FROM views.adjustments").rows()
    assert adjustments == [(None, cost)] * 2
    before_refresh = spent(ledger)
    refresh_rollups(ledger, now_us=now_us())
    assert spent(ledger) == before_refresh
    assert (before_refresh.spent_usd, before_refresh.unpriced, before_refresh.coverage) == (2 * cost, 0, 1)
    assert quality.summary(Filters(now() - timedelta(hours=1), now()), ledger).adjusted == 2
