"""From the event that crosses a threshold to the receiver's log, and to the snapshot that routing reads, under load.

A writer process writes events at a steady rate into a hub's spool. A budget on a team of its own is crossed by one
call; when the receiver has verified the message's signature, and when the snapshot names the budget, is compared with
the moment at which the call's last event was written. Each round has a new budget, and each must be told exactly once.
``python -m benchmarks.alerts --rate 500 --rounds 20``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import uuid
from decimal import Decimal
from pathlib import Path

from analytics.alerts import channels
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget, Threshold
from benchmarks.hub import hub, write
from scalix import snapshot
from scalix.events import AttemptEvent, ProcessEvent, to_line
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.times import now_us
from tests.analytics.alerts.receiver import SECRET, Receiver

TARGET_S = 5.0
SNAPSHOT_S = 3.0
PATIENCE_S = 60.0
COST_PUSD = 2_000_000_000_000


def crossing(folder: Folder, team: str) -> float:
    """One call of this team in a segment of its own; the moment at which it was written."""
    started = now_us() - 1_000_000
    key = {"call_id": str(uuid.uuid4()), "started_us": started, "provider": "openai", "model": "m", "team_id": team}
    head = ProcessEvent(
        at_us=started, process_id=team, host="bench", pid=1, boot_id="0" * 8, collector_version="0", python_version="3"
    )
    ended = AttemptEvent(
        kind="success",
        at_us=now_us(),
        ended_us=now_us(),
        input_tokens=1,
        output_tokens=1,
        tokens_source="reported",
        litellm_cost_pusd=COST_PUSD,
        **key,  # type: ignore[arg-type]  # by name
    )
    descriptor = os.open(folder.spool / f"bench-00000000-{uuid.uuid4().hex[:8]}.seg", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(descriptor, to_line(head) + to_line(ended))
    os.close(descriptor)
    return time.time()


def _told(receiver: Receiver, team: str) -> float | None:
    seen = zip(receiver.bodies, receiver.times, strict=False)
    return next((at for body, at in seen if body["data"].get("subject") == team), None)


def _published(folder: Folder, team: str) -> bool:
    found = snapshot.read(folder.snapshot)
    return found is not None and any(limit.name == team for limit in found.budgets)


def measure(folder: Folder, receiver: Receiver, team: str) -> tuple[float, float]:
    """Seconds until the receiver has it, and until the snapshot names it."""
    at = crossing(folder, team)
    published = told = None
    while told is None or published is None:
        told = told or _told(receiver, team)
        if published is None and _published(folder, team):
            published = time.time()
        if time.time() - at > PATIENCE_S:
            raise TimeoutError(f"{team} was not told within {PATIENCE_S:.0f} s")
        time.sleep(0.01)
    return told - at, published - at


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500, help="events a second")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two crossings")
    arguments = parser.parse_args()
    os.environ["SCALIX_ALLOW_PRIVATE_WEBHOOKS"] = "true"
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as root:
        folder = Folder(Path(root) / "home")
        control = ControlStore.in_folder(folder)
        channels.add(control, "bench", receiver.url, secret=SECRET)
        teams = [f"bench-{number}" for number in range(arguments.rounds)]
        for team in teams:
            one = Budget(name=team, amount_usd=Decimal(1), scope={"team": team}, thresholds=(Threshold(100, "block"),))
            shelf.keep(control, folder.spool, one, reason=None, replace=False)
        with hub(folder):
            duration = arguments.rounds * (arguments.pause + TARGET_S) + 30
            writer = write(folder, int(arguments.rate * duration), arguments.rate, seed=5)
            time.sleep(5)
            taken = []
            for team in teams:
                taken.append(measure(folder, receiver, team))
                time.sleep(arguments.pause)
            writer.terminate()
            writer.wait()
        subjects = [body["data"]["subject"] for body in receiver.bodies]
        assert sorted(subjects) == sorted(teams), "each crossing once"
        assert receiver.forged == 0
        control.close()
    receiver.close()
    told, published = (sorted(column) for column in zip(*taken, strict=True))
    print(f"{arguments.rate:.0f} events/s, {arguments.rounds} crossings, every signature verified, each told once")
    print(
        f"  to the receiver's log: median {statistics.median(told):.2f} s, longest {told[-1]:.2f} s (under {TARGET_S})"
    )
    middle = statistics.median(published)
    print(f"  to the snapshot: median {middle:.2f} s, longest {published[-1]:.2f} s (under {SNAPSHOT_S})")
    return 0 if told[-1] < TARGET_S and published[-1] < SNAPSHOT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
