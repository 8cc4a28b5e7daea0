"""From a call on the spool to a signed message at a receiver, through a real hub; and over its restart."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.hub.running import CHECKOUT, HubProcess, calls, eventually, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scalix.folder import Folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def scalix(folder: Folder, *arguments: str) -> str:
    command = [sys.executable, "-m", "scalix", *arguments, "--folder", str(folder.root)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout


def test_a_budget_that_is_crossed_is_told_once_also_over_a_restart(
    folder: Folder, new_hub: Callable[..., HubProcess], receiver: Receiver
) -> None:
    scalix(folder, "alert", "add", "ops", receiver.url, "--secret", SECRET)
    scalix(folder, "budget", "add", "all", "0.01", "--at", "100=block", "--reason", "a small one")
    hub = new_hub(SCALIX_ALLOW_PRIVATE_WEBHOOKS="true")
    hub.start()
    receiver.status = 503
    write_segment(folder.spool, calls(0, 10))
    eventually(lambda: receiver.tries)
    hub.stop()

    receiver.status = 200
    hub.start()
    eventually(lambda: receiver.seen, within_s=30)
    write_segment(folder.spool, calls(10, 5))
    eventually(lambda: "0.02 of 0.01 USD" in scalix(folder, "budget", "list"))
    hub.stop()

    ((message_id, content),) = receiver.seen
    assert content["type"] == "budget.threshold_reached"
    assert (content["data"]["subject"], content["data"]["action"]) == ("all", "block")
    assert content["data"]["budget"]["spent_usd"].startswith("0.015")
    assert f"{message_id} to ops: delivered" in scalix(folder, "alert", "log")
    assert "firing: budget all at 100%" in scalix(folder, "alert", "list")
