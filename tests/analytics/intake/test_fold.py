"""What the events of one attempt become, whatever their order, batching or repetition."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.intake.options import IngestOptions
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.soak import at_length
from tests.spool_files import (
    LATER_US,
    START_US,
    event,
    everything,
    held,
    lines,
    rows,
    take_in,
    whole_attempt,
    write_segment,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from scalix.events import AttemptEvent

SECOND = 1_000_000


def status_of(ledger: Ledger, *events: AttemptEvent) -> tuple[Any, ...]:
    """Ingest one attempt whose process is gone."""
    write_segment(ledger.folder.spool, lines(events))
    take_in(ledger)
    (row,) = rows(ledger, "status", "final", "latency_us", "ttft_us")
    return row


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(whole_attempt(), ("success", True, 500_000, None), id="three hooks"),
        pytest.param([event("success", error_kind="client_disconnect")], ("cancelled", True, None, None), id="hung up"),
        pytest.param([event("failure", error_kind="server")], ("failure", True, None, None), id="failure"),
        pytest.param([event("opened"), event("failed")], ("failure", False, 300_000, None), id="failed hook alone"),
        pytest.param([event("failed", error_kind="cancelled")], ("cancelled", False, None, None), id="cancelled"),
        pytest.param([event("opened"), event("answered")], ("success", False, 500_000, None), id="exit after answer"),
        pytest.param([event("opened")], ("cancelled", False, None, None), id="never answered"),
        pytest.param([event("opened", streaming=True)], ("abandoned", False, None, None), id="stream abandoned"),
        pytest.param(
            [event("opened", streaming=True), event("answered")],
            ("abandoned", False, None, None),
            id="stream not ended",
        ),
        pytest.param(
            [event("opened", streaming=True), event("streamed", first_token_us=START_US + SECOND + 9)],
            ("success", False, 700_000, 9),
            id="stream ended",
        ),
        pytest.param([event("failed"), event("success")], ("success", True, None, None), id="success outranks failed"),
        pytest.param([event("success", ended_us=START_US + SECOND + 5)], ("success", True, 5, None), id="wall clock"),
    ],
)
def test_status_and_durations(ledger: Ledger, events: Sequence[AttemptEvent], expected: tuple[Any, ...]) -> None:
    assert status_of(ledger, *events) == expected


def test_a_clock_that_jumped_leaves_latency_unknown_and_flagged(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines([event("success", ended_us=START_US, flags=["guessed"])]))
    take_in(ledger)

    assert rows(ledger, "latency_us", "flags") == [(None, ["guessed", "clock"])]


def test_values_come_from_the_event_that_knows_best(ledger: Ledger) -> None:
    opened = event("opened", model="asked", provider="openai", input_tokens_high=50, trace_id=event("opened").call_id)
    answered = event("answered", model="seen", served_model="served")
    write_segment(ledger.folder.spool, lines([opened, answered, event("success", model="last", session_id="s")]))
    take_in(ledger)

    columns = ("provider", "model", "served_model", "session_id", "input_tokens_high", "trace_id")
    assert rows(ledger, *columns) == [("openai", "last", "served", "s", 50, None)]


def test_bounds_are_dropped_once_usage_is_reported(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines(whole_attempt()))
    take_in(ledger)

    assert rows(ledger, "output_tokens_high", "output_tokens") == [(None, 5)]


def test_an_id_that_is_no_uuid_keeps_its_text(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines([event("success", call_id="call-7", trace_id="ABC")]))
    take_in(ledger)

    with ledger.cursor() as cursor:
        found = cursor.execute("SELECT call_id_text, trace_id_text FROM attempts WHERE call_id = id_of('call-7')")
        assert found.fetchall() == [("call-7", "ABC")]


def test_an_amount_too_large_for_its_column_is_unknown_and_flagged(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines([event("success", litellm_cost_pusd=2**63 - 1, retry=99_999)]))
    take_in(ledger)

    assert rows(ledger, "litellm_cost_usd", "retry", "flags") == [(None, None, ["cost_out_of_range"])]


def test_an_open_attempt_waits_while_its_process_lives(ledger: Ledger) -> None:
    path = write_segment(ledger.folder.spool, lines([event("opened", streaming=True)]))
    with held(path):
        take_in(ledger, now_us=LATER_US)
        take_in(ledger, now_us=LATER_US + 899 * SECOND)
        assert everything(ledger) == []
        take_in(ledger, now_us=LATER_US + 901 * SECOND)
        assert rows(ledger, "status", "final") == [("abandoned", False)]


def test_a_stream_that_ended_gets_its_row_after_a_second(ledger: Ledger) -> None:
    path = write_segment(ledger.folder.spool, lines([event("opened", streaming=True), event("streamed")]))
    with held(path):
        take_in(ledger, now_us=LATER_US)
        assert everything(ledger) == []
        take_in(ledger, now_us=LATER_US + SECOND)
        assert rows(ledger, "status", "final") == [("success", False)]


def test_a_late_event_replaces_the_row_and_names_the_old_one(ledger: Ledger) -> None:
    first = [event("opened", streaming=True), event("streamed")]
    path = write_segment(ledger.folder.spool, lines(first))
    with held(path):
        take_in(ledger, now_us=LATER_US)
        take_in(ledger, now_us=LATER_US + SECOND)
        write_segment(ledger.folder.spool, lines([*first, event("success", output_tokens=5)]))
        take_in(ledger, now_us=LATER_US + 2 * SECOND)

    assert rows(ledger, "seq", "status", "final", "output_tokens") == [(2, "success", True, 5)]
    assert rows(ledger, "seq", table="replaced") == [(1,)]
    assert rows(ledger, "kind", table="attempt_events") == []


def test_a_late_event_fills_only_the_gaps_of_a_final_row(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines(whole_attempt()))
    take_in(ledger)
    late = event("answered", model="other", served_model="served")
    write_segment(ledger.folder.spool, lines([late]), "host-boot-2.seg")
    take_in(ledger)

    assert rows(ledger, "model", "served_model", "final") == [("gpt-4o", "served", True)]


def test_a_copied_segment_changes_nothing(ledger: Ledger) -> None:
    content = lines([one for number in range(1, 9) for one in whole_attempt(number)])
    write_segment(ledger.folder.spool, content)
    take_in(ledger)
    before = rows(ledger, "*")
    write_segment(ledger.folder.spool, content, "copy.seg")
    take_in(ledger, options=IngestOptions(batch_bytes=700))

    assert rows(ledger, "*") == before
    assert len(rows(ledger, "process_id", table="processes")) == 1


KIND_SETS = [
    ("opened", "answered", "success"),
    ("opened", "streamed", "success"),
    ("opened", "failed", "failure"),
    ("opened", "answered"),
    ("opened", "streamed"),
    ("opened",),
    ("success",),
    ("failure",),
]
FACTS: dict[str, Any] = {
    "model": "gpt-4o",
    "provider": "openai",
    "input_tokens": 10,
    "output_tokens": 5,
    "tokens_source": "reported",
    "litellm_cost_pusd": 12_345,
    "tags": ["a", "b"],
    "session_id": "s",
    "usage": '{"prompt_tokens":10,"completion_tokens":5}',
}


@st.composite
def attempts_events(draw: st.DrawFn) -> list[AttemptEvent]:
    """Events of some attempts; each event knows part of the truth of its attempt."""
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        streaming = draw(st.sampled_from([None, True, False]))
        for kind in draw(st.sampled_from(KIND_SETS)):
            known = draw(st.sets(st.sampled_from(sorted(FACTS))))
            found.append(event(kind, number, streaming=streaming, **{name: FACTS[name] for name in known}))
    return found


def ingested(pieces: list[list[AttemptEvent]]) -> list[tuple[Any, ...]]:
    """The rows after these pieces were read one after the other, and the process ended."""
    with TemporaryDirectory() as name:
        ledger = Ledger.open(Folder(Path(name)))
        path = write_segment(ledger.folder.spool, lines([]))
        content = path.read_bytes()
        with held(path):
            for step, piece in enumerate(pieces):
                content += lines(piece)
                write_segment(ledger.folder.spool, content)
                take_in(ledger, now_us=LATER_US + step * 2 * SECOND)
        take_in(ledger, now_us=LATER_US + 100 * SECOND)
        found = everything(ledger)
        ledger.close()
        return found


@pytest.mark.soak
@settings(max_examples=at_length(6, 200), deadline=None, suppress_health_check=list(HealthCheck))
@given(attempts_events(), st.randoms(use_true_random=False))
def test_order_batching_and_repetition_do_not_matter(events: list[AttemptEvent], chance: random.Random) -> None:
    shuffled = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(shuffled)
    cuts = sorted(chance.sample(range(len(shuffled) + 1), min(3, len(shuffled))))
    pieces = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]

    assert ingested(pieces) == ingested([events])
