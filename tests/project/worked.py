"""A small demo that the hub's own work has gone through: all that it does to ledger and lake, in this process."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from analytics.forgetting.forget import forget
from analytics.forgetting.names import person
from analytics.health import Progress
from analytics.integrity.lake import check_lake
from analytics.integrity.ledger import check_ledger
from analytics.jobs import Job, JobLedger
from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.merge import tidy_replaced
from analytics.lake.states import publish_episodes
from analytics.lake.tables import write_views
from analytics.rebuild import KEPT_IN_LAKE, fill_from_lake
from analytics.retention.keeping import Keeping, retain
from analytics.salvage import salvage_lake
from scalix.demo.history.writing import history_lines
from scalix.events import (
    AttemptEvent,
    BudgetEvent,
    CooldownEvent,
    DecisionEvent,
    Event,
    FallbackEvent,
    LossEvent,
    ObjectiveEvent,
    PriceEvent,
    RejectEvent,
    RepriceEvent,
    payload_of,
)
from scalix.hub.work import Work
from scalix.settings import Settings
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.store.views import define_in_ledger
from scalix.times import now, now_us, to_us
from tests.spool_files import event, lines, whole_attempt, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.folder import Folder

REQUESTS = 1200
DAYS = timedelta(days=5)
"""The demo's month is made of so many requests, and this much of its end taken in."""


def worked(folder: Folder) -> None:
    """Have a hub work in this folder: two batches of events, a repricing, merges, checks and retention."""
    with closing(Ledger.open(folder)) as ledger, closing(ControlStore.in_folder(folder)) as control:
        work = Work(ledger, control, folder, Settings(), Progress(), owner="test")
        at_once = LakeOptions(tail_s=0, ten_s=0, part_s=0, hour_s=0, day_s=0, settle_s=0, grace_s=0)
        lake = Lake(ledger, folder.lake, at_once)
        with ledger.cursor() as cursor:
            define_in_ledger(cursor)
        lake.start()
        write_segment(folder.spool, lines([*whole_attempt()[:-1], *_moved()]) + b"".join(_history()), "history.seg")
        work.refresh_prices()
        _work_once(work, lake)
        publish_episodes(ledger, folder, now())
        write_views(folder)
        write_segment(folder.spool, lines([*whole_attempt(), *_decided()], "process-2") + b"torn\n", "decided.seg")
        _work_once(work, lake)
        jobs = JobLedger(ledger, control, "test")
        jobs.run(Job("tables", 1.0, work.publish_tables))
        jobs.finish()
        lake.finish()
        tidy_replaced(ledger, folder.lake)
        retain(ledger, Keeping(minute=20), now_us=now_us())
        check_ledger(ledger)
        check_lake(folder, ledger)


def rebuilt(folder: Folder) -> None:
    """Lose this folder's ledger: once with a sound lake, once with one that is read file by file."""
    for fill in (fill_from_lake, partial(salvage_lake, small_tables=KEPT_IN_LAKE)):
        folder.ledger.unlink()
        with closing(Ledger.open(folder)) as ledger:
            fill(ledger)


def forgotten(folder: Folder) -> None:
    """Take one of the demo's people out of this folder."""
    with closing(Ledger.open(folder)) as ledger:
        (name,) = ledger.read("SELECT any_value(user_id) FROM attempts").row(0)
    forget(folder, person(name), erase=True)


def _history() -> Iterator[bytes]:
    end = now() - timedelta(minutes=10)
    for line in history_lines(end, requests=REQUESTS):
        if msgspec.json.decode(payload_of(line))["at_us"] > to_us(end - DAYS):
            yield line


def _moved() -> list[AttemptEvent]:
    """A request that failed at one deployment and was answered by another."""
    to_one, to_other = ({"trace_id": "moved", "provider": "openai", "deployment_id": name} for name in "ab")
    return [
        event("opened", 7, upstream=True, **to_one),
        event("failed", 7, error_kind="server", **to_one),
        event("opened", 8, upstream=True, **to_other),
        event("success", 8, input_tokens=10, output_tokens=5, tokens_source="reported", **to_other),
    ]


def _work_once(work: Work, lake: Lake) -> None:
    for one in (
        *(work.ingest, work.book_repricings, work.refresh_rollups, work.check_quality, work.watch_budgets),
        *(work.watch_rest, work.watch_canary, work.book_charges, work.publish_snapshot, work.publish_tables),
        *(work.publish_states, work.publish_rollups, *[lake.tick] * 6),
    ):
        one()


def _decided() -> Iterator[Event]:
    """What people, routing and troubled processes leave on the spool, beside attempts."""
    at = now_us()
    month_ago = to_us(now() - timedelta(days=30))
    yield PriceEvent(
        at_us=at, provider="openai", model="gpt-4.1-mini", meter="output", amount=Decimal(99), valid_from_us=month_ago
    )
    yield RepriceEvent(at_us=at + 1, since_us=month_ago, until_us=at, known_at_us=at + 1, reason="as billed")
    yield BudgetEvent(at_us=at, name="all", definition='{"name": "all", "amount_usd": "50"}')
    yield ObjectiveEvent(at_us=at, name="one", definition="{}")
    yield FallbackEvent(at_us=at, original_model_group="chat", model_group="chat-spare", succeeded=True)
    yield CooldownEvent(at_us=at, until_us=at + 1, deployment_id="chat-0", error_kind="rate_limit")
    yield LossEvent(at_us=at, process_id="process-1", dropped=1)
    yield RejectEvent(at_us=at, source="import.csv", position=1, reason="no start", record="{}")
    yield DecisionEvent(
        at_us=at,
        mode="shadow",
        acted=False,
        deployment_id="openai-1",
        probability=1.0,
        reason="only one",
        decision="{}",
    )
