"""`scalix up` as a real process: what it takes in, shows, refuses, and leaves behind."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest

from scalix.folder import Folder
from tests.hub.running import (
    COST_PUSD,
    SegmentWriter,
    calls,
    eventually,
    in_lake,
    lake_count,
    scalix,
    write_segment,
)
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.hub.running import HubProcess

HUBS = at_length(1, 4)
"""Side by side, since most of a killed hub's time goes by in waiting."""
KILLS = at_length(6, 1000) // HUBS
TOTALS = "SELECT count(*), count(DISTINCT call_id), sum(input_tokens), sum(cost_usd) FROM attempts"

CLIENT = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.execute("SELECT count(*), sum(attempts) FROM requests").fetchall())
"""


def expected_totals(count: int) -> tuple[int, int, int, float]:
    """What the lake must say of calls 0 to ``count`` - 1."""
    return count, count, count * (count - 1) // 2, count * COST_PUSD / 10**12


def test_calls_reach_the_lake_while_the_hub_ingests(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    new_hub().start()
    writer = SegmentWriter(folder.spool)

    for batch in range(5):
        writer.write(calls(batch * 20, 20))
        eventually(partial(lake_holds, folder, (batch + 1) * 20))

    writer.close()
    (row,) = in_lake(folder, TOTALS)
    assert (*row[:3], float(row[3])) == expected_totals(100)


def test_any_duckdb_client_reads_the_lake_beside_the_hub_and_after_it(
    folder: Folder, new_hub: Callable[..., HubProcess]
) -> None:
    hub = new_hub()
    hub.start()
    write_segment(folder.spool, calls(0, 10))
    eventually(lambda: lake_count(folder) == 10)
    client = [
        sys.executable,
        "-c",
        CLIENT,
        str(folder.lake_views),
    ]

    beside = subprocess.run(client, check=True, capture_output=True, text=True).stdout
    hub.stop()
    after = subprocess.run(client, check=True, capture_output=True, text=True).stdout

    assert beside == after == "[(10, 10)]\n"


def test_a_stop_takes_in_and_publishes_what_there_is(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    hub = new_hub(SCALIX_INGEST_INTERVAL_S="30", SCALIX_LAKE_TAIL_S="30")
    hub.start()
    write_segment(folder.spool, calls(0, 50))

    status = hub.stop(signal.SIGTERM)

    assert status == 0, hub.output()
    assert lake_count(folder) == 50
    assert not (folder.root / "hub.json").exists()
    assert in_lake(folder, "SELECT count(*) FROM jobs WHERE error IS NOT NULL") == [(0,)]


@pytest.mark.soak
@pytest.mark.timeout(max(180, 30 * KILLS))
@pytest.mark.parametrize("seed", range(HUBS))
def test_killed_again_and_again_it_has_every_call_once(
    seed: int, folder: Folder, new_hub: Callable[..., HubProcess]
) -> None:
    chance = random.Random(seed)
    writer = SegmentWriter(folder.spool)
    hub = new_hub()
    for round_number in range(KILLS):
        hub.launch()
        assert hub.process is not None
        try:
            hub.process.wait(timeout=chance.uniform(0.5, 4))
        except subprocess.TimeoutExpired:
            hub.stop(signal.SIGKILL)
        writer.write(calls(round_number * 100, 100))
    writer.close()

    hub.start()
    eventually(lambda: lake_count(folder) == KILLS * 100)
    hub.stop()

    (row,) = in_lake(folder, TOTALS)
    assert (*row[:3], float(row[3])) == expected_totals(KILLS * 100)


def test_a_folder_that_moved_is_read_where_it_stands(
    folder: Folder, tmp_path: Path, new_hub: Callable[..., HubProcess]
) -> None:
    hub = new_hub()
    hub.start()
    write_segment(folder.spool, calls(0, 5))
    eventually(lambda: lake_count(folder) == 5)
    hub.stop()
    moved = Folder(tmp_path / "elsewhere")
    shutil.move(folder.root, moved.root)

    new_hub(moved).start()

    assert lake_count(moved) == 5


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_it_refuses_an_address_that_others_reach_without_a_password(host: str, folder: Folder) -> None:
    refused = scalix("up", "--host", host, "--folder", str(folder.root))

    assert refused.returncode == 1
    assert "SCALIX_PASSWORD" in refused.stderr
    assert not folder.ledger.exists()


def test_a_second_hub_on_a_folder_names_the_first(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub().start()

    refused = scalix("up", "--port", "0", "--folder", str(folder.root))

    assert refused.returncode == 1
    assert f"process {address.pid}" in refused.stderr
    assert address.url in refused.stderr


def test_a_port_in_use_is_said_to_be_so(folder: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = scalix("up", "--port", str(port), "--folder", str(folder.root))

    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_probes_are_told_whether_it_ingests(new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub().start()

    answer = eventually(lambda: ok(httpx.get(f"{address.url}/healthz")))

    assert answer["status"] == "ok"
    assert answer["lag_bytes"] == 0


def test_the_dashboard_is_served_on_the_same_port(new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub().start()

    page = httpx.get(address.url)

    assert page.status_code == 200
    assert "streamlit" in page.text.lower()


def lake_holds(folder: Folder, count: int) -> bool:
    """Whether the lake shows so many rows."""
    return lake_count(folder) == count


def ok(answer: httpx.Response) -> dict[str, object] | None:
    """The JSON of an answer with status 200."""
    return dict(answer.json()) if answer.status_code == 200 else None
