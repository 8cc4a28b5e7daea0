"""Each message arrives at least once and is never lost, whatever its receiver does."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa

from analytics.alerts import channels, delivery, log, sending
from analytics.alerts.addresses import target_of
from analytics.alerts.delivery import Courier, deliver_due
from analytics.alerts.firing import settle
from analytics.alerts.rules import Rule
from analytics.alerts.states import Finding
from scalix.errors import DeliveryError, SettingsError
from scalix.store.tables.alerts import outbox
from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.hub.running import eventually

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

RULE = Rule(name="budget", kind="budget")


@pytest.fixture(autouse=True)
def hook(control: ControlStore, receiver: Receiver) -> None:
    channels.add(control, "hook", receiver.url, secret=SECRET)


def put_out(control: ControlStore, subject: str = "b") -> None:
    facts = {"amount_usd": "1.00"}
    finding = Finding(rule=subject, subject=subject, threshold="80%", crossed=True, window_us=1, facts=facts)
    settle(control, msgspec.structs.replace(RULE, name=subject), [finding], now_us=1)


def make_due(control: ControlStore) -> None:
    """As if the wait before the next try had passed."""
    with control.transaction() as connection:
        connection.execute(outbox.update().values(next_us=0))


def deliver(control: ControlStore) -> int:
    return deliver_due(control, allow_private=True)


def state(control: ControlStore) -> tuple[str, int]:
    (row,) = log.messages(control)
    return row["state"], row["tries"]


def test_a_message_arrives_signed_and_once(control: ControlStore, receiver: Receiver) -> None:
    put_out(control)
    assert (deliver(control), deliver(control)) == (1, 0)
    ((message_id, content),) = receiver.seen
    assert message_id == log.messages(control)[0]["message_id"]
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
    log.replay(control, log.messages(control)[0]["message_id"])
    assert deliver(control) == 1
    with pytest.raises(SettingsError, match="no message msg_x"):
        log.replay(control, "msg_x")


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
    assert "inside this network" in log.messages(control)[0]["error"]


def test_a_test_message_tells_what_came_of_it(control: ControlStore, receiver: Receiver) -> None:
    assert channels.test(control, "hook", allow_private=True).delivered
    assert receiver.seen[0][1]["type"] == "test"
    assert SECRET not in repr(channels.all_channels(control))
    with pytest.raises(SettingsError, match="no channel else"):
        channels.test(control, "else", allow_private=True)


def test_every_try_stands_in_the_log_in_order(control: ControlStore, receiver: Receiver) -> None:
    receiver.status = 500
    put_out(control)
    deliver(control)
    receiver.status = 200
    make_due(control)
    deliver(control)
    (message,) = log.messages(control)
    assert [one["status"] for one in log.tries(control, message["message_id"])] == [500, 200]


def test_a_receiver_may_ask_to_be_left_alone_for_longer(control: ControlStore, receiver: Receiver) -> None:
    receiver.status, receiver.retry_after = 429, "3600"
    put_out(control)
    before_us = time.time_ns() // 1000
    deliver(control)
    with control.transaction() as connection:
        due_us = connection.execute(sa.select(outbox.c.next_us)).scalar_one()
    assert due_us - before_us >= 3600 * 1_000_000


def test_a_receiver_that_drips_is_cut_off_at_the_deadline(
    control: ControlStore, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "DEADLINE_S", 0.3)
    receiver.drips.set()
    put_out(control)
    began = time.monotonic()
    assert deliver(control) == 0
    assert time.monotonic() - began < 5
    receiver.drips.clear()
    assert "no answer within" in log.messages(control)[0]["error"]
    make_due(control)
    assert deliver(control) == 1


def test_a_slow_receiver_keeps_no_other_waiting(control: ControlStore, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channels.add(control, "silent", f"http://127.0.0.1:{silent.getsockname()[1]}/", secret=SECRET)
        courier = Courier(control, allow_private=True)
        put_out(control)
        assert courier.set_out() == 2
        eventually(lambda: receiver.seen)
        put_out(control, "another")
        assert eventually(courier.set_out) == 1, "the silent one is still being waited for"
        eventually(lambda: len(receiver.seen) == 2)
    courier.close()


def test_a_name_that_turns_to_an_address_inside_is_refused_when_it_is_sent(
    control: ControlStore, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name was public when the channel was added; whoever owns it points it at the house later."""
    channels.remove(control, "hook")
    channels.add(control, "turned", f"http://rebound.example:{receiver.port}/", secret=SECRET)
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: inside)
    put_out(control)
    assert deliver_due(control, allow_private=False) == 0
    assert receiver.tries == 0
    assert "inside this network" in log.messages(control)[0]["error"]


def test_the_name_is_resolved_once_and_the_checked_address_used(
    control: ControlStore, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolve(host: str, *_args: object, **_named: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]

    channels.remove(control, "hook")
    channels.add(control, "named", f"http://named.example:{receiver.port}/", secret=SECRET)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    put_out(control)
    assert deliver(control) == 1
    assert asked.count("named.example") == 1


def test_no_secret_gets_into_the_log(control: ControlStore) -> None:
    channels.remove(control, "hook")
    secret_url = "http://127.0.0.1:9/services/T000/B000/verysecret?token=hidden"
    channels.add(control, "closed", secret_url, secret=SECRET)
    put_out(control)
    deliver(control)
    told = str(log.messages(control)) + str(channels.all_channels(control))
    assert not [part for part in ("verysecret", "hidden", "T000", SECRET) if part in told]
