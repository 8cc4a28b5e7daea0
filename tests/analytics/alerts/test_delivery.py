"""Each message arrives at least once and is never lost, whatever its receiver does and wherever the process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from analytics.alerts import channels, delivery
from analytics.alerts.addresses import target_of
from analytics.alerts.delivery import deliver_due
from analytics.alerts.firing import Finding, settle
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
from scalix.errors import DeliveryError, SettingsError
from scalix.failpoints import VARIABLE
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.store.tables.alerts import outbox
from scalix.times import now
from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.attempt_rows import Attempt, record
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Iterator

FAIL_POINTS = (
    "alert-before-state",
    "alert-between-state-and-outbox",
    "alert-before-commit",
    "alert-after-commit",
    "delivery-before-send",
    "delivery-between-send-and-mark",
    "delivery-after-mark",
)
ROUNDS = at_length(1, 20)
HUB = """
import sys
from pathlib import Path
from analytics.alerts.budget_rule import watch_budgets
from analytics.alerts.delivery import deliver_due
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.times import now_us
folder = Folder(Path(sys.argv[1]))
control, ledger = ControlStore.in_folder(folder), Ledger.open(folder)
watch_budgets(control, ledger, now_us=now_us())
deliver_due(control, allow_private=True)
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "home")


@pytest.fixture
def control(folder: Folder, receiver: Receiver) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(folder)
    channels.add_webhook(opened, "hook", receiver.url, SECRET)
    yield opened
    opened.close()


def put_out(control: ControlStore, subject: str = "b") -> None:
    facts = {"amount_usd": "1.00"}
    finding = Finding(rule="budget", subject=subject, threshold="80%", crossed=True, window_us=1, facts=facts)
    settle(control, [finding], now_us=1)


def make_due(control: ControlStore) -> None:
    """As if the wait before the next try had passed."""
    with control.transaction() as connection:
        connection.execute(outbox.update().values(next_us=0))


def deliver(control: ControlStore) -> int:
    return deliver_due(control, allow_private=True)


def state(control: ControlStore) -> tuple[str, int]:
    (row,) = channels.messages(control)
    return row["state"], row["tries"]


def test_a_message_arrives_signed_and_once(control: ControlStore, receiver: Receiver) -> None:
    put_out(control)
    assert (deliver(control), deliver(control)) == (1, 0)
    ((message_id, content),) = receiver.seen
    assert message_id == channels.messages(control)[0]["message_id"]
    assert content["type"] == "budget.threshold_reached"
    assert content["data"]["amount_usd"] == "1.00"


@pytest.mark.parametrize("status", [500, 503, 404, 302, 429])
def test_what_is_not_taken_is_tried_again_later(control: ControlStore, receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, receiver.url
    put_out(control)
    assert deliver(control) == 0
    assert (receiver.tries, state(control)) == (1, ("waiting", 1))
    assert deliver(control) == 0
    assert receiver.tries == 1, "not due yet"
    receiver.status = 200
    make_due(control)
    assert deliver(control) == 1
    assert len(receiver.seen) == 1


def test_a_receiver_that_is_gone_is_left_alone_until_enabled(control: ControlStore, receiver: Receiver) -> None:
    receiver.status = 410
    put_out(control)
    deliver(control)
    put_out(control, "another")
    make_due(control)
    assert (deliver(control), receiver.tries) == (0, 1)
    assert "410" in str(channels.all_channels(control)[0].disabled_because)
    receiver.status = 200
    channels.enable(control, "hook")
    assert deliver(control) == 2


def test_a_receiver_that_breaks_off_or_is_down_gets_it_later(control: ControlStore, receiver: Receiver) -> None:
    receiver.closes_mid_answer = True
    put_out(control)
    assert deliver(control) == 0
    receiver.closes_mid_answer = False
    receiver.close()
    make_due(control)
    assert deliver(control) == 0
    assert state(control) == ("waiting", 2)


def test_a_message_is_given_up_in_the_end_and_can_be_replayed(control: ControlStore, receiver: Receiver) -> None:
    receiver.status = 500
    put_out(control)
    for _ in range(len(delivery.RETRY_S) + 1):
        make_due(control)
        deliver(control)
    assert state(control) == ("given up", len(delivery.RETRY_S) + 1)
    receiver.status = 200
    channels.replay(control, channels.messages(control)[0]["message_id"])
    assert deliver(control) == 1
    with pytest.raises(SettingsError, match="no message msg_x"):
        channels.replay(control, "msg_x")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fd00::1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://100.64.0.1/",
    ],
)
def test_addresses_inside_the_house_are_refused(url: str) -> None:
    with pytest.raises(DeliveryError, match="inside this network"):
        target_of(url, allow_private=False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/", "not delivered to"),
        ("file:///etc/passwd", "not delivered to"),
        ("https://user:pass@example.com/", "password"),
        ("https://does-not-exist.invalid/", "does not resolve"),
        ("http://example.com:99999/", "no URL"),
    ],
)
def test_what_is_no_place_for_a_webhook_is_refused(url: str, said: str) -> None:
    with pytest.raises(DeliveryError, match=said):
        target_of(url, allow_private=True)


def test_a_refused_address_is_not_contacted(control: ControlStore, receiver: Receiver) -> None:
    put_out(control)
    assert deliver_due(control, allow_private=False) == 0
    assert receiver.tries == 0
    assert "inside this network" in channels.messages(control)[0]["error"]


def test_a_test_message_tells_what_came_of_it(control: ControlStore, receiver: Receiver) -> None:
    assert channels.test(control, "hook", allow_private=True).delivered
    assert receiver.seen[0][1]["type"] == "test"
    assert SECRET not in repr(channels.all_channels(control))
    with pytest.raises(SettingsError, match="no channel else"):
        channels.test(control, "else", allow_private=True)


@pytest.mark.soak
@pytest.mark.timeout(120 * ROUNDS)
def test_wherever_the_process_ends_each_crossing_is_told_with_one_id(folder: Folder, receiver: Receiver) -> None:
    ledger, control = Ledger.open(folder), ControlStore.in_folder(folder)
    channels.add_webhook(control, "hook", receiver.url, SECRET)
    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.9"))])
    ledger.close()
    expected = 0
    for number in range(ROUNDS):
        for point in FAIL_POINTS:
            budget = Budget(name=f"{point} {number}", amount_usd=Decimal(1))
            shelf.keep(control, folder.spool, budget, reason=None, replace=False)
            expected += 2
            assert _hub(folder, point) == 86
    for _ in range(2 + expected // delivery.AT_ONCE):
        assert _hub(folder, None) == 0
    crossings = {(content["data"]["subject"], content["data"]["threshold"]) for _, content in receiver.seen}
    assert len(crossings) == expected
    assert len(set(receiver.ids)) == expected, "one id to a crossing"
    with control.transaction() as connection:
        assert connection.execute(sa.select(sa.func.count()).where(outbox.c.state != "delivered")).scalar() == 0
    control.close()


def _hub(folder: Folder, fail_at: str | None) -> int:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    if fail_at:
        environment[VARIABLE] = fail_at
    return subprocess.run([sys.executable, "-c", HUB, str(folder.root)], env=environment, check=False).returncode
