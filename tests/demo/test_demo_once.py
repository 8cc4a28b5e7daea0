"""The demo from end to end with real processes, and that losing one spool line makes it fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from analytics.intake.ingest import ingest_once
from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.demo import child
from scalix.demo.catching_up import compare_now
from scalix.demo.providers.process import fake_providers
from scalix.demo.run import Size, run_demo
from scalix.errors import DemoError
from scalix.folder import Folder
from scalix.hub.address import read_address
from scalix.store import views
from scalix.store.lake_reader import read_lake
from scalix.store.ledger import Ledger
from scalix.times import MICROSECONDS, now_us
from tests.collector.conftest import until

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.demo.compare import Comparison

SMALL = Size(history_requests=500, traffic_requests=200, traffic_seconds=8.0)
LONG_AFTER_US = 3600 * MICROSECONDS


def test_demo_once_agrees_and_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status = run_demo(True, True, tmp_path / "demo", 0, SMALL)
    (line,) = capfd.readouterr().out.splitlines()
    summary = json.loads(line)
    assert (summary["missing"], summary["doubled"], float(summary["cost_difference_usd"])) == (0, 0, 0.0)
    assert summary["provider_requests"] == summary["recorded_attempts"] > 60
    assert summary["requests"] >= 60
    assert summary["recovered_requests"] > 0
    assert summary["failovers"] > 0
    differing = ("requests_differ", "failovers_differ", "episodes_differ", "wasted_difference_usd")
    assert [float(summary[name]) for name in differing] == [0, 0, 0, 0]
    assert 0.5 < summary["request_success_rate"] <= 1
    assert summary["ingest_events_per_second"] > 0
    assert summary["freshness_p99_seconds"] > 0
    assert status == 0
    folder = Folder(tmp_path / "demo")
    assert folder.root.stat().st_mode & 0o077 == 0
    assert {(row["mode"], row["acted"]) for row in read_lake(folder.lake_views, "FROM decisions")} == {
        ("canary", True),
        ("canary", False),
    }


def test_a_folder_with_a_real_installation_is_refused(tmp_path: Path) -> None:
    Ledger.open(Folder(tmp_path)).close()
    with pytest.raises(DemoError, match="holds a real installation"):
        run_demo(True, True, tmp_path, 0, SMALL)


def test_asked_to_end_it_takes_the_hub_along(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    command = [sys.executable, "-m", "scalix", "demo", "--folder", str(folder.root), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as demo:
        until(lambda: read_address(folder), seconds=60)
        found = read_address(folder)
        demo.terminate()
        demo.wait(60)
    assert found is not None
    with pytest.raises(ProcessLookupError):
        os.kill(found.pid, 0)


def taken_in(folder: Folder, since_us: int) -> Comparison:
    """The comparison after an ingest of what the spool holds, long after its writers died."""
    ledger = Ledger.open(folder)
    try:
        with ledger.cursor() as cursor:
            views.define_in_ledger(cursor)
        lake = Lake(ledger, folder.lake)
        lake.start()
        for _ in range(3):
            ingest_once(ledger, folder, now_us=now_us() + LONG_AFTER_US)
        lake.finish()
        publish_tables(ledger, folder)
        publish_rollups(ledger, folder)
        write_views(folder)
    finally:
        ledger.close()
    return compare_now(folder, since_us)[0]


def without_last_line_of(kind: bytes, segment: bytes) -> bytes:
    """The segment without the last event of this kind."""
    lines = segment.splitlines(keepends=True)
    place = max(number for number, line in enumerate(lines) if b'"kind":"%b"' % kind in line)
    return b"".join(lines[:place] + lines[place + 1 :])


def test_one_lost_spool_line_is_noticed(tmp_path: Path) -> None:
    whole = Folder(tmp_path / "whole")
    since_us = now_us()
    with fake_providers(whole.root / "providers") as providers:
        child.run_traffic(whole, providers.url, requests=20, seconds=1.0, log=tmp_path / "traffic.log")
    (segment,) = whole.spool.glob("*.seg")
    lines = segment.read_bytes()
    for kind in (b"opened", b"answered", b"streamed", b"success"):
        cut = Folder(tmp_path / kind.decode())
        cut.spool.mkdir(parents=True)
        (cut.spool / segment.name).write_bytes(without_last_line_of(kind, lines))
        (cut.root / "providers").symlink_to(whole.root / "providers")
        assert not taken_in(cut, since_us).agrees, kind
    assert taken_in(whole, since_us).agrees
