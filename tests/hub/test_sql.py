"""``POST /v1/sql``: answers in three forms, tokens, limits, and the attack list while calls come in."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl
import pytest

from scalix.folder import Folder
from tests import attacks
from tests.hub.running import HubProcess, SegmentWriter, calls, eventually, lake_count, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS = 50
COUNT = "SELECT provider, count(*) AS n, sum(cost_usd) AS usd FROM attempts GROUP BY provider"
MOST_LAG_S = 3.0
MOST_GROWTH_KB = 100_000
"""Of the hub's resident memory; one of the bombs alone would be gigabytes."""


@dataclass
class Asking:
    """A hub that answers."""

    url: str
    folder: Folder
    hub: HubProcess
    readers_at_start: int

    def ask(self, query: str, **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        return httpx.post(f"{self.url}/v1/sql", json={"query": query, **more}, headers=headers, timeout=60)

    def rss_kb(self) -> int:
        assert self.hub.process is not None
        status = (Path("/proc") / str(self.hub.process.pid) / "status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = Folder(tmp_path_factory.mktemp("asked") / "home")
    write_segment(folder.spool, calls(1, CALLS))
    limits = {"SCALIX_SQL_TIME_LIMIT_S": "15", "SCALIX_SQL_MEMORY_BYTES": str(2**29), "SCALIX_SQL_READERS": "2"}
    hub = HubProcess(folder, limits)
    address = hub.start()
    eventually(lambda: lake_count(folder) == CALLS)
    yield Asking(address.url, folder, hub, eventually(lambda: _readers_of(hub)))
    hub.stop()


def _readers_of(hub: HubProcess) -> int:
    """How many reader processes are children of the hub."""
    assert hub.process is not None
    tasks = Path("/proc", str(hub.process.pid), "task").glob("*/children")
    children = [Path("/proc", child, "cmdline") for task in tasks for child in task.read_text().split()]
    return sum(b"scalix.store.readers.child" in path.read_bytes() for path in children)


def test_arrow_csv_and_json_lines_hold_the_same(asking: Asking) -> None:
    arrow = asking.ask(COUNT)
    assert arrow.headers["content-type"] == "application/vnd.apache.arrow.stream"
    (row,) = pl.read_ipc_stream(arrow.content).to_dicts()
    csv = asking.ask(COUNT, format="csv")
    assert csv.headers["content-type"].startswith("text/csv"), csv.text
    lines = asking.ask(COUNT, headers={"Accept": "application/x-ndjson"})

    assert row["n"] == CALLS
    assert pl.read_csv(io.BytesIO(csv.content), schema_overrides={"usd": pl.String}).row(0) == (
        "openai",
        CALLS,
        str(row["usd"]),
    )
    assert json.loads(lines.text) == {"provider": "openai", "n": CALLS, "usd": str(row["usd"])}


def test_a_reader_is_there_before_anybody_asks(asking: Asking) -> None:
    assert asking.readers_at_start == 1


def test_parameters_are_bound_and_rows_are_as_asked(asking: Asking) -> None:
    word = asking.ask("SELECT $word AS word", parameters={"word": "a' OR 1=1 --"}, format="jsonl")
    few = asking.ask("FROM attempts", rows=3, format="jsonl")
    assert word.json() == {"word": "a' OR 1=1 --"}
    assert len(few.text.splitlines()) == 3


def test_an_answer_without_rows_has_its_columns(asking: Asking) -> None:
    assert asking.ask("SELECT 1 AS a WHERE false", format="csv").text == '"a"\n'
    assert pl.read_ipc_stream(asking.ask("SELECT 1 AS a WHERE false").content).columns == ["a"]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"query": "SELECT 1"}', {"Content-Type": "text/plain"}, 415),
        (b'{"query": "SELECT 1"}', {}, 415),
        (b"{", {"Content-Type": "application/json"}, 400),
        (b"[]", {"Content-Type": "application/json"}, 400),
        (b'{"query": "SELECT 1", "sql": ""}', {"Content-Type": "application/json"}, 400),
        (b'{"query": "SELECT 1", "rows": -1}', {"Content-Type": "application/json"}, 400),
        (b'{"query": "SELECT \xff"}', {"Content-Type": "application/json"}, 400),
        (b'{"query": "SELECT $a"}', {"Content-Type": "application/json"}, 400),
        (b'{"query": "%b"}' % (b"x" * 200_000), {"Content-Type": "application/json"}, 400),
        (b" " * (1 << 21), {"Content-Type": "application/json"}, 413),
        (b'{"query": "SELECT 1"}', {"Content-Type": "application/json", "Host": "evil.example"}, 401),
    ],
)
def test_what_is_no_question_is_refused(asking: Asking, content: bytes, headers: dict[str, str], status: int) -> None:
    assert httpx.post(f"{asking.url}/v1/sql", content=content, headers=headers).status_code == status


def test_a_client_that_leaves_gives_its_reader_back(asking: Asking) -> None:
    for _ in range(4):
        body = {"query": "SELECT range, repeat('x', 100) FROM range(900000)", "format": "csv"}
        with httpx.stream("POST", f"{asking.url}/v1/sql", json=body, timeout=60) as response:
            next(response.iter_bytes())
    assert asking.ask("SELECT 1").status_code == 200


def test_an_answer_beyond_the_limit_is_never_taken_for_whole(asking: Asking) -> None:
    stopped(asking, "SELECT range FROM range(2000000)")


def test_the_attack_list_over_http_while_calls_come_in(asking: Asking) -> None:
    outside = asking.folder.root / "outside"
    outside.mkdir()
    for name in ("secret.csv", "secret.json", "secret.parquet", "control.sqlite"):
        (outside / name).write_text(f'"{attacks.CANARY}"\n')
    places = {
        "outside": outside,
        "lake": asking.folder.lake,
        "lake_file": asking.folder.lake_views,
        "ledger": asking.folder.ledger,
    }
    views = asking.folder.lake_views.read_bytes()
    asking.ask("SELECT 1")
    before = asking.rss_kb()
    with recording(asking) as watch:
        for attack in attacks.READING + attacks.CHANGING:
            answer = asking.ask(attack.format(**places))
            assert (answer.status_code, attacks.CANARY in answer.text) == (400, False), attack
        for bomb in attacks.BOMBS:
            stopped(asking, bomb)
            assert asking.ask("SELECT 1").status_code == 200
        growth = asking.rss_kb() - before

    assert growth < MOST_GROWTH_KB
    assert max(watch.lags_s) < MOST_LAG_S
    assert sorted(path.name for path in outside.iterdir()) == sorted(
        ("secret.csv", "secret.json", "secret.parquet", "control.sqlite")
    )
    assert asking.folder.lake_views.read_bytes() == views
    eventually(lambda: lake_count(asking.folder) == CALLS + watch.written)


def stopped(asking: Asking, query: str) -> None:
    """Ask what ends with an error, or in the middle of what it had to say."""
    with suppress(httpx.RemoteProtocolError):
        assert asking.ask(query, format="csv").status_code == 422


@dataclass
class Watch:
    """What came in meanwhile, and how far behind ingest was."""

    written: int = 0
    lags_s: list[float] = field(default_factory=list)


@contextmanager
def recording(asking: Asking) -> Iterator[Watch]:
    """Write calls and look how long ago ingest last ran, until the block ends."""
    watch, done = Watch(), threading.Event()

    def write() -> None:
        writer = SegmentWriter(asking.folder.spool)
        while not done.is_set():
            writer.write(calls(1000 + watch.written, 5))
            watch.written += 5
            watch.lags_s.append(httpx.get(f"{asking.url}/healthz").json()["last_ingest_s"])
            done.wait(0.2)
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


TOKENS = {"SCALIX_PASSWORD": "pass", "SCALIX_READ_TOKEN": "r", "SCALIX_INGEST_TOKEN": "i", "SCALIX_ADMIN_TOKEN": "a"}


def test_each_token_does_what_its_scope_names(new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub(**TOKENS).start()
    segment = f"{address.url}/v1/ingest/segments/h-b-0123456789ab.seg?offset=0"

    def statuses(token: str | None) -> tuple[bool, bool]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        read = httpx.post(f"{address.url}/v1/sql", json={"query": "SELECT 1"}, headers=headers, timeout=30)
        sent = httpx.post(segment, content=b"", headers=headers)
        return read.status_code != 401, sent.status_code != 401

    assert {token: statuses(token) for token in (None, "x", "r", "i", "a", "pass", address.token)} == {
        None: (False, False),
        "x": (False, False),
        "r": (True, False),
        "i": (False, True),
        "a": (True, True),
        "pass": (True, False),
        address.token: (True, False),
    }
