"""`scalix doctor`: what it finds, with the hub running, stopped, killed, or never started."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analytics.places import network_file_system, shadowed_packages
from collector.native import COMPILED
from scalix.events import LossEvent
from tests.hub.running import SegmentWriter, calls, eventually, lake_count, scalix, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.folder import Folder
    from tests.hub.running import HubProcess

MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:38 / /mnt/team rw,relatime shared:2 - nfs4 server:/team rw,vers=4.2
41 40 0:39 / /mnt/team/fast rw,relatime shared:3 - xfs /dev/vdb rw
42 22 0:40 / /mnt/with\\040space rw - cifs //server/share rw
"""


def doctor(folder: Folder) -> tuple[int, dict[str, Any]]:
    """Exit status and findings."""
    ended = scalix("doctor", "--json", "--folder", str(folder.root))
    return ended.returncode, json.loads(ended.stdout)


def test_a_running_hub_that_has_read_everything_is_healthy(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    new_hub().start()
    writer = SegmentWriter(folder.spool)
    writer.write(calls(0, 30))
    eventually(lambda: lake_count(folder) == 30)

    status, found = doctor(folder)

    assert (status, found["problems"]) == (0, [])
    assert found["hub_running"]
    assert found["data"]["attempts"] == 30
    assert found["data"]["newest_attempt_us"] is not None
    assert found["data"]["open_attempts"] == 0
    assert found["spool"]["unread_bytes"] == 0
    assert found["lake"]["behind_rows"] == 0
    assert Path(found["packages"]["collector"]).name == "__init__.py"
    assert found["packages"]["collector.native.ordinary"].endswith(".so" if COMPILED else "twice the time")
    text = scalix("doctor", "--folder", str(folder.root))
    assert text.stdout.startswith("healthy\n")


def test_what_was_quarantined_and_dropped_is_a_problem(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    hub = new_hub()
    hub.start()
    writer = SegmentWriter(folder.spool)
    writer.write_bytes(b"1 00000000 {}\n")
    writer.write([*calls(0, 1), LossEvent(at_us=1_900_000_000_000_000, process_id=writer.path.stem, dropped=7)])
    eventually(lambda: lake_count(folder) == 1)

    status, found = doctor(folder)

    assert status == 1
    assert found["data"]["quarantined"] == 1
    assert found["data"]["dropped"] == 7
    assert [problem.split(" ", 1)[0] for problem in found["problems"]] == ["1", "collectors"]
    hub.stop()
    status, found = doctor(folder)
    assert status == 1
    assert (found["data"]["quarantined"], found["data"]["dropped"]) == (1, 7)


def test_a_hub_that_is_not_running_is_a_problem_and_the_lake_still_answers(
    folder: Folder, new_hub: Callable[..., HubProcess]
) -> None:
    hub = new_hub()
    hub.start()
    write_segment(folder.spool, calls(0, 3))
    eventually(lambda: lake_count(folder) == 3)

    hub.stop(signal.SIGKILL)
    status, killed = doctor(folder)
    assert status == 1
    assert "does not answer" in killed["problems"][0]
    assert killed["data"]["attempts"] == 3

    (folder.root / "hub.json").unlink()
    status, stopped = doctor(folder)
    assert status == 1
    assert "scalix up" in stopped["problems"][0]


def test_a_folder_without_anything_is_not_healthy(folder: Folder) -> None:
    status, found = doctor(folder)

    assert status == 1
    assert not found["hub_running"]
    assert not folder.root.exists()


def test_a_folder_that_others_may_enter_is_a_problem(folder: Folder) -> None:
    folder.spool.mkdir(parents=True)
    folder.root.chmod(0o755)

    _, found = doctor(folder)

    assert any("chmod 700" in problem for problem in found["problems"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/.scalix/spool", None),
        ("/mnt/team/scalix/spool", "nfs4"),
        ("/mnt/team/fast/spool", None),
        ("/mnt/teams/spool", None),
        ("/mnt/with space/spool", "cifs"),
    ],
)
def test_network_file_systems_are_told_from_local_ones(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


def test_every_package_comes_from_this_checkout() -> None:
    assert shadowed_packages() == []
