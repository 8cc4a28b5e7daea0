"""What stands beneath a chart or table opens in the SQL page, and is answered there out of the lake."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from analytics.asking import desk
from analytics.intake.ingest import ingest_once
from analytics.rollups.refresh import refresh_rollups
from routing.asking import Request
from routing.choosing import Chooser
from routing.observed import Observed
from scalix.folder import Folder
from scalix.store.readers.pool import Pool
from scalix.times import now, now_us
from tests.attempt_rows import Attempt, failure, record
from tests.lakes import publish_all
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

    from scalix.events import DecisionEvent
    from scalix.store.ledger import Ledger


@pytest.fixture
def published(ledger: Ledger) -> Iterator[Ledger]:
    """Ten requests that moved from one deployment to another, with decisions about them, in ledger and lake."""
    for number in range(10):
        at = now() - timedelta(minutes=5 + number)
        rest = timedelta(seconds=2)
        record(ledger, [failure(started_at=at, request=number, deployment_id="us")])
        record(ledger, [Attempt(at + rest, request=number, deployment_id="eu", provider="azure")])
    events: list[DecisionEvent] = []
    chooser = Chooser(Observed(Folder(ledger.folder.root / "elsewhere").snapshot), events.append, draw=lambda: 0.5)
    chooser.choose("chat", [{"model_info": {"id": name}} for name in ("eu", "us")], Request(trace="one"))
    write_segment(ledger.folder.spool, lines(events))
    ingest_once(ledger, ledger.folder, now_us=now_us())
    refresh_rollups(ledger, now_us=now_us())
    publish_all(ledger)
    with closing(Pool(ledger.folder.lake_views, readers=1)) as pool:
        desk.ask_through(pool)
        yield ledger
        desk.ask_through(None)


@pytest.mark.parametrize(("name", "fewest"), [("overview", 4), ("reliability", 6), ("failover", 3), ("routing", 2)])
@pytest.mark.usefixtures("published")
def test_the_sql_of_a_page_is_answered(name: str, fewest: int, visit_page: Callable[..., AppTest]) -> None:
    page = visit_page(name)
    assert not page.exception
    queries = [
        parse_qs(link.proto.query_string)["query"][0]
        for link in page.get("page_link")
        if link.proto.label == "Open in SQL"
    ]
    assert len(queries) >= fewest
    for query in queries:
        assert desk.ask(query).frame.height > 0, query
