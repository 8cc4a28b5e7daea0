"""Ingest may be killed at any moment, or not know whether its commit went through; each event counts once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from analytics.intake.options import IngestOptions
from scalix.errors import StoreError
from scalix.events import FallbackEvent, LossEvent
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.soak import at_length
from tests.spool_files import event, everything, header, lines, rows, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

KILLS = at_length(6, 1000)
ATTEMPTS = 3000

INGEST = """
import sys
from pathlib import Path
from analytics.intake.ingest import ingest_once
from analytics.intake.options import IngestOptions
from scalix.folder import Folder
from scalix.store.ledger import Ledger, LedgerOptions
folder = Folder(Path(sys.argv[1]))
ledger = Ledger.open(folder, LedgerOptions(checkpoint_at="256KB"))
print("open", flush=True)
while ingest_once(ledger, folder, now_us=1_795_400_000_000_000, options=IngestOptions(batch_bytes=20_000)).lag_bytes:
    pass
print("done", flush=True)
"""


@pytest.mark.soak
@pytest.mark.timeout(max(180, 10 * KILLS))
def test_events_count_once_however_often_ingest_is_killed(folder: Folder) -> None:
    chance = random.Random(7)
    content = lines([one for number in range(1, ATTEMPTS + 1) for one in whole_attempt(number)])
    write_segment(folder.spool, content)
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", INGEST, str(folder.root)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"open\n"
            time.sleep(chance.uniform(0, 0.6))  # the moment of the kill is the point
            child.send_signal(signal.SIGKILL)
        ledger = Ledger.open(folder)
        so_far = ledger.read("SELECT count(*) AS n, count(DISTINCT call_id) AS ids FROM attempts").rows()
        ledger.close()
        assert so_far[0][0] == so_far[0][1]
    subprocess.run([sys.executable, "-c", INGEST, str(folder.root)], check=True, capture_output=True)

    ledger = Ledger.open(folder)
    totals = ledger.read(
        "SELECT count(*), count(DISTINCT call_id), sum(input_tokens), count(DISTINCT seq) FROM attempts"
    )
    lines_read = ledger.read("SELECT sum(lines), sum(rejected) FROM segment_offsets").rows()
    ledger.close()
    assert totals.rows() == [(ATTEMPTS, ATTEMPTS, 10 * ATTEMPTS, ATTEMPTS)]
    assert [tuple(map(int, row)) for row in lines_read] == [(3 * ATTEMPTS + 1, 0)]


class ForgetfulLedger(Ledger):
    """Commits, then reports an error: what a full disk during a checkpoint does."""

    forgets = True

    @override
    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with super().transaction() as cursor:
            yield cursor
        if self.forgets:
            raise StoreError("COMMIT succeeded, but the checkpoint failed")


def test_an_error_after_the_commit_doubles_nothing(folder: Folder) -> None:
    write_segment(folder.spool, lines([one for number in range(1, 9) for one in whole_attempt(number)]))
    ledger = ForgetfulLedger.open(folder)
    assert isinstance(ledger, ForgetfulLedger)
    with pytest.raises(StoreError, match="checkpoint failed"):
        take_in(ledger)
    ledger.forgets = False
    report = take_in(ledger)

    assert (report.events, len(everything(ledger))) == (0, 8)
    ledger.close()


def test_what_is_not_about_attempts_counts_once_too(folder: Folder) -> None:
    moved = FallbackEvent(at_us=header().at_us, trace_id="t", original_model_group="a", model_group="b", succeeded=True)
    lost = LossEvent(at_us=header().at_us, process_id="process-1", dropped=3)
    ledger = Ledger.open(folder)
    for name in ("first.seg", "copy.seg"):
        write_segment(folder.spool, lines([moved, lost, event("success")]), name)
        take_in(ledger, options=IngestOptions(batch_bytes=400))

    assert rows(ledger, "original_model_group", "model_group", "succeeded", table="fallbacks") == [("a", "b", True)]
    assert rows(ledger, "process_id", "dropped", table="losses") == [("process-1", 3)]
    assert len(rows(ledger, "process_id", table="processes")) == 1
    ledger.close()


@pytest.mark.parametrize("left", [1, 50, 200, 400])
def test_a_segment_for_which_a_batch_has_little_room_left_waits_for_the_next(tmp_path: Path, left: int) -> None:
    folder = Folder(tmp_path / "home")
    ledger = Ledger.open(folder)
    first = write_segment(folder.spool, lines(whole_attempt(1), "one"), "host-boot-1.seg")
    write_segment(folder.spool, lines(whole_attempt(2), "two"), "host-boot-2.seg")
    report = take_in(ledger, options=IngestOptions(batch_bytes=first.stat().st_size + left, batches=9))
    assert (report.quarantined, rows(ledger, "count(*)")) == (0, [(2,)])
    ledger.close()
