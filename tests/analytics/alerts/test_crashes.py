"""Wherever the process ends, each crossing is told, under one id; what was not crossed is never told.

Each crossing is settled and delivered by a process forked from one that has imported all it needs; the process ends at
a named point between two steps. Then a process that may live takes over, as a hub does after its restart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from analytics.alerts import channels
from scalix.failpoints import VARIABLE
from scalix.store.tables.alerts import outbox
from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.folder import Folder
    from scalix.store.control import ControlStore

FAIL_POINTS = (
    "alert-before-state",
    "alert-between-state-and-outbox",
    "alert-before-commit",
    "alert-after-commit",
    "delivery-before-send",
    "delivery-between-send-and-mark",
    "delivery-after-mark",
)
ROUNDS = at_length(20, 1429)
"""Of each of the seven points: 10,000 crossings and more in a soak."""
SERVER = """
import json, os, sys
from pathlib import Path
from analytics.alerts.delivery import channels_due, deliver_due
from analytics.alerts.firing import settle
from analytics.alerts.rules import Rule
from analytics.alerts.sending import Address, send
from analytics.alerts.states import Finding
from scalix.failpoints import VARIABLE
from scalix.folder import Folder
from scalix.store.control import ControlStore

def work(order):
    if order["point"]:
        os.environ[VARIABLE] = order["point"]
    control = ControlStore.in_folder(Folder(Path(sys.argv[1])))
    for number in order["crossings"]:
        rule = Rule(name=f"rule-{number}", kind="budget")
        found = [
            Finding(rule.name, f"crossed-{number}", "100%", True, number, {}),
            Finding(rule.name, f"below-{number}", "100%", False, number, {}),
        ]
        settle(control, rule, found, now_us=1)
    while channels_due(control):
        deliver_due(control, allow_private=True)
    control.close()

# One try that reaches nobody loads all that sending takes, once for all forks.
send(Address("webhook", "http://127.0.0.1:9/", sys.argv[2]), "msg", "{}", allow_private=True)
ControlStore.in_folder(Folder(Path(sys.argv[1]))).close()
for line in sys.stdin:
    child = os.fork()
    if not child:
        work(json.loads(line))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


class Hubs:
    """Processes that do what a hub does of alerts, one after the other."""

    def __init__(self, folder: Folder) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        environment.pop(VARIABLE, None)
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder.root), SECRET],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, crossings: list[int], *, point: str | None) -> int:
        """Settle and deliver these crossings; the exit status."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps({"crossings": crossings, "point": point}) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def close(self) -> None:
        """End the process that forks."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)


@pytest.fixture
def hubs(folder: Folder) -> Iterator[Hubs]:
    running = Hubs(folder)
    yield running
    running.close()


@pytest.mark.soak
@pytest.mark.timeout(180 + 10 * ROUNDS)
def test_wherever_the_process_ends_each_crossing_is_told_with_one_id(
    control: ControlStore, receiver: Receiver, hubs: Hubs
) -> None:
    channels.add(control, "hook", receiver.url, secret=SECRET)
    expected = ROUNDS * len(FAIL_POINTS)
    for number in range(expected):
        point = FAIL_POINTS[number % len(FAIL_POINTS)]
        assert hubs.run([number], point=point) == 86, point
    assert hubs.run(list(range(expected)), point=None) == 0

    ids_of: dict[str, Counter[str]] = {}
    for message_id, content in receiver.seen:
        ids_of.setdefault(content["data"]["subject"], Counter())[message_id] += 1
    assert ids_of.keys() == {f"crossed-{number}" for number in range(expected)}
    assert all(len(ids) == 1 for ids in ids_of.values()), "one id to a crossing"
    assert len(set(receiver.ids)) == expected, "after dedupe by id, exactly once"
    assert receiver.forged == 0
    assert not _unsettled(control)


def _unsettled(control: ControlStore) -> list[Any]:
    with control.transaction() as connection:
        return list(connection.execute(sa.select(outbox.c.message_id).where(outbox.c.state != "delivered")))
