"""The Routing page: where requests were sent, and why, recomputed from what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.intake.ingest import ingest_once
from routing.asking import Request
from routing.choosing import Chooser
from routing.facts import Facts
from routing.observed import Observed
from scalix.folder import Folder
from scalix.times import now_us
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from scalix.events import DecisionEvent
    from scalix.store.ledger import Ledger


@pytest.mark.usefixtures("ledger")
def test_without_decisions_the_page_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("routing")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No decisions in this span"]
    assert "scalix.router(" in page.code[0].value


def test_decisions_are_shown_and_explained(ledger: Ledger, tmp_path: Path, visit_page: Callable[..., AppTest]) -> None:
    events: list[DecisionEvent] = []
    costs = {"cheap": 1e-6, "dear": 5e-6}
    chooser = Chooser(
        Observed(Folder(tmp_path / "elsewhere").snapshot),
        events.append,
        draw=lambda: 0.5,
        facts=lambda one: Facts(list_input_usd=costs[one["model_info"]["id"]], list_output_usd=0.0),
    )
    for number in range(5):
        chooser.choose("chat", [{"model_info": {"id": name}} for name in costs], Request(trace=f"trace-{number}"))
    write_segment(ledger.folder.spool, lines(events))
    ingest_once(ledger, ledger.folder, now_us=now_us())

    page = visit_page("routing")

    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Decisions"] == "5"
    feed, candidates, standing = (frame.value for frame in page.dataframe)
    assert set(feed["deployment_id"]) == {"cheap"}
    assert candidates["deployment"].tolist() == ["cheap", "dear"]
    assert "recomputed exactly" in page.markdown[0].value
    assert standing["breaker"].tolist() == ["closed", "closed"]
