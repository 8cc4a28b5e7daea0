"""The lake: whoever reads it, at whatever moment, sees each row once and a state that the ledger was in."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.files import (
    LEVELS,
    REPLACED,
    emptied_files,
    empty,
    free_path,
    level_files,
    mark_settled,
    published_to,
    shrink,
)
from analytics.lake.merge import merge
from analytics.lake.publish import publish_new_rows
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.folder import Folder
from scalix.store import migrations, views
from scalix.store.lake_reader import read_lake
from scalix.store.ledger import Ledger

pytestmark = pytest.mark.usefixtures("ledger_views")
READER = Path(__file__).with_name("lake_reader.py")
STATE = "SELECT coalesce(max(seq), -1), count(*), count(DISTINCT call_id), coalesce(sum(input_tokens), 0) FROM attempts"
INSERT = """
INSERT INTO attempts (seq, started_at, call_id, input_tokens, litellm_cost_usd)
SELECT seq, now(), md5(CAST(call AS VARCHAR))::UUID, 1 + seq % 97, 0.25
FROM (SELECT unnest($seqs) AS seq, unnest($calls) AS call)
"""


@dataclass
class Writer:
    """Inserts attempts and replaces some, as ingest does, and remembers every state that the ledger was in."""

    ledger: Ledger
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    next_seq: int = 1
    next_call: int = 0
    live: dict[int, int] = field(default_factory=dict)
    states: dict[int, list[int]] = field(default_factory=lambda: {-1: [-1, 0, 0, 0]})

    def write(self, new: int, replace: int = 0) -> None:
        """One transaction: so many new attempts, and new versions of so many old ones."""
        replaced = self.chance.sample(sorted(self.live), min(replace, len(self.live)))
        versions = [self.live.pop(seq) for seq in replaced]
        versions += range(self.next_call, self.next_call + new)
        self.next_call += new
        seqs = list(range(self.next_seq, self.next_seq + len(versions)))
        self.next_seq += len(versions)
        with self.ledger.transaction() as cursor:
            cursor.execute("DELETE FROM attempts WHERE seq IN (SELECT unnest($1))", [replaced]).fetchall()
            cursor.execute("INSERT INTO replaced SELECT unnest($1), now()", [replaced]).fetchall()
            cursor.execute(INSERT, {"seqs": seqs, "calls": versions}).fetchall()
        self.live.update(zip(seqs, versions, strict=True))
        state = [max(seqs), len(self.live), len(self.live), sum(1 + seq % 97 for seq in self.live)]
        self.states[state[0]] = state


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def start(ledger: Ledger, folder: Folder, options: LakeOptions | None = None, clock: Any = time.monotonic) -> Lake:
    lake = Lake(ledger, folder.lake, options or LakeOptions(), clock)
    lake.start()
    publish_tables(ledger, folder)
    publish_rollups(ledger, folder)
    write_views(folder)
    return lake


def read(folder: Folder, query: str = STATE) -> list[int]:
    with duckdb.connect(str(folder.lake_views), read_only=True) as connection:
        return [int(figure) for figure in connection.execute(query).fetchall()[0]]


def test_an_empty_lake_answers_every_view(ledger: Ledger, folder: Folder) -> None:
    start(ledger, folder)

    counts = {view: read(folder, f"SELECT count(*) FROM {view}")[0] for view in views.VIEWS}

    assert counts == dict.fromkeys(views.VIEWS, 0)


def test_lake_and_ledger_give_the_same_answers(ledger: Ledger, folder: Folder) -> None:
    lake = start(ledger, folder)
    writer = Writer(ledger)
    writer.write(50)
    lake.finish()
    writer.write(5, replace=20)
    lake.finish()
    publish_tables(ledger, folder)
    query = "SELECT * EXCLUDE (started_at, ended_at) FROM views.{view} ORDER BY ALL"

    for view in ("attempts", "requests"):
        with ledger.cursor() as cursor:
            here = cursor.execute(query.format(view=view)).fetchall()
        with duckdb.connect(str(folder.lake_views), read_only=True) as connection:
            assert connection.execute(query.format(view=view)).fetchall() == here
            assert len(here) == 55


def test_rows_climb_the_levels_and_are_seen_once_at_every_moment(ledger: Ledger, folder: Folder) -> None:
    clock = Clock()
    options = LakeOptions(
        tail_s=1, ten_s=3, part_s=6, hour_s=15, day_s=40, grace_s=6, empty_s=1, settle_s=1, settle_merged_s=2
    )
    lake = start(ledger, folder, options, clock)
    writer = Writer(ledger)
    seen = []

    for _ in range(90):
        writer.write(3, replace=1)
        lake.tick()
        seen.append(read(folder))
        clock.now += 1

    assert [(state, writer.states[state[0]]) for state in seen if state != writer.states[state[0]]] == []
    assert [state[0] for state in seen] == sorted(state[0] for state in seen)
    assert level_files(folder.lake, "days")
    assert len(list(folder.lake.rglob("part-*.parquet"))) < 60
    lake.finish()
    assert read(folder) == writer.states[writer.next_seq - 1]


def test_replaced_rows_are_left_behind_by_merging(ledger: Ledger, folder: Folder) -> None:
    clock = Clock()
    options = LakeOptions(tail_s=1, ten_s=5, part_s=10, hour_s=20, day_s=40, grace_s=5, settle_s=1, settle_merged_s=1)
    lake = start(ledger, folder, options, clock)
    writer = Writer(ledger)
    writer.write(100)
    for _ in range(2):
        lake.tick()
        clock.now += 1
    writer.write(0, replace=100)
    for _ in range(120):
        lake.tick()
        clock.now += 1

    stored = read(folder, f"SELECT count(*) FROM read_parquet('{folder.lake}/days/*.parquet')")

    assert read(folder)[1] == 100
    assert stored == [100]
    with ledger.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM replaced").fetchall() == [(0,)]


def test_merging_keeps_rows_whose_replacement_nobody_counts_on_yet(ledger: Ledger, folder: Folder) -> None:
    clock = Clock()
    options = LakeOptions(tail_s=1, ten_s=5, grace_s=60, settle_s=3, settle_merged_s=0.5)
    lake = start(ledger, folder, options, clock)
    writer = Writer(ledger)
    writer.write(20)
    before = writer.states[20]
    for _ in range(4):
        lake.tick()
        clock.now += 1
    writer.write(1, replace=10)
    for _ in range(3):
        lake.tick()
        assert read(folder) == before
        clock.now += 1
    assert level_files(folder.lake, "tens")

    for _ in range(2):
        lake.tick()
        clock.now += 1

    assert read(folder) == writer.states[31]


@pytest.mark.parametrize("how", ["session", "anew"])
def test_other_processes_read_a_state_of_the_ledger_while_it_is_published(
    how: str, ledger: Ledger, folder: Folder, tmp_path: Path
) -> None:
    options = LakeOptions(
        tail_s=0.1, ten_s=0.6, part_s=1.2, hour_s=2.4, day_s=4, grace_s=6, empty_s=3, settle_s=0.5, settle_merged_s=0.5
    )
    lake = start(ledger, folder, options)
    writer = Writer(ledger)
    stop = tmp_path / "stop"
    until = time.monotonic() + 12
    with subprocess.Popen(
        [sys.executable, str(READER), str(folder.lake_views), str(stop), how], stdout=subprocess.PIPE, text=True
    ) as reader:
        while time.monotonic() < until:
            writer.write(5, replace=3)
            lake.tick()
        stop.touch()
        output, _ = reader.communicate(timeout=60)

    assert reader.returncode == 0
    seen = [json.loads(line) for line in output.splitlines()]
    assert len({state[0] for state in seen}) > 5
    assert [state for state in seen if state != writer.states[state[0]]] == []
    assert [state[0] for state in seen] == sorted(state[0] for state in seen)


def test_whoever_read_the_footer_before_a_file_was_emptied_still_finds_its_rows(ledger: Ledger, folder: Folder) -> None:
    lake = start(ledger, folder)
    Writer(ledger).write(50)
    lake.finish()
    path = level_files(folder.lake, LEVELS[0])[0].path
    before, footer = pq.read_table(path), pq.read_metadata(path)

    empty(path)

    assert pq.ParquetFile(path, metadata=footer).read().equals(before)
    assert pq.read_table(path).num_rows == 0
    assert emptied_files(folder.lake) == [path]

    shrink(path)

    assert pq.read_table(path).num_rows == 0
    assert emptied_files(folder.lake) == []


def test_a_query_under_way_finds_the_rows_of_files_that_are_emptied_meanwhile(ledger: Ledger, folder: Folder) -> None:
    lake = start(ledger, folder)
    writer = Writer(ledger)
    for _ in range(30):
        writer.write(2048)
        lake.finish()
    with duckdb.connect(str(folder.lake_views), read_only=True, config={"threads": 1}) as connection:
        connection.execute("SET streaming_buffer_size = '1KB'").fetchall()
        connection.execute("SELECT seq FROM raw.attempts")
        found = len(connection.fetchmany(1))
        for file in level_files(folder.lake, LEVELS[0]):
            empty(file.path)
        found += len(connection.fetchall())

    assert found == 30 * 2048


def test_a_name_is_used_again_only_after_its_bytes_are_given_back(ledger: Ledger, folder: Folder) -> None:
    lake = start(ledger, folder)
    Writer(ledger).write(50)
    lake.finish()
    path = level_files(folder.lake, LEVELS[0])[0].path

    empty(path)
    assert free_path(path.parent) != path
    shrink(path)
    assert free_path(path.parent) == path


def test_files_that_were_merged_away_soon_cost_queries_little(ledger: Ledger, folder: Folder) -> None:
    clock = Clock()
    options = LakeOptions(tail_s=1, ten_s=5, grace_s=60, empty_s=3, settle_s=1, settle_merged_s=1)
    lake = start(ledger, folder, options, clock)
    writer = Writer(ledger)
    for _ in range(40):
        writer.write(3)
        lake.tick()
        clock.now += 1

    feet = [pq.read_metadata(path) for path in (folder.lake / LEVELS[0]).glob("part-*.parquet")]

    assert len([foot for foot in feet if foot.num_rows]) < 15
    assert {foot.num_columns for foot in feet if not foot.num_rows} == {1}


def test_a_crash_between_any_two_steps_leaves_a_readable_lake(ledger: Ledger, folder: Folder) -> None:
    lake = start(ledger, folder)
    writer = Writer(ledger)
    writer.write(20)
    lake.finish()
    published = writer.states[writer.next_seq - 1]

    # Half a file, and replaced rows whose file of replacing rows never came.
    (folder.lake / LEVELS[0] / "000-111.parquet.tmp").write_bytes(b"PAR1")
    writer.write(2, replace=5)
    publish_new_rows(ledger, folder.lake)
    level_files(folder.lake, LEVELS[0])[-1].path.unlink()
    assert read(folder) == published

    # Rows without their marker, then a merged file without its marker.
    last = publish_new_rows(ledger, folder.lake)
    assert read(folder) == published
    assert last is not None
    mark_settled(folder.lake, LEVELS[0], last)
    assert read(folder) == writer.states[last]
    assert merge(ledger, folder.lake, LEVELS[0], applied=-1) == last
    assert read(folder) == writer.states[last]

    start(ledger, folder)
    assert read(folder) == writer.states[last]
    assert list(folder.lake.rglob("*.tmp")) == []


def test_a_restarted_publisher_goes_on_where_the_files_end(ledger: Ledger, folder: Folder) -> None:
    writer = Writer(ledger)
    for _ in range(3):
        lake = start(ledger, folder)
        writer.write(10, replace=2)
        lake.finish()
        assert published_to(folder.lake) == writer.next_seq - 1

    assert read(folder) == writer.states[writer.next_seq - 1]
    assert len(level_files(folder.lake, REPLACED)) == 2


def test_files_of_an_earlier_schema_are_read_and_merged_with_those_of_this_one(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "earlier")
    ledger = Ledger.open(folder)
    _go_back_to_the_second_schema(ledger)
    _write_and_publish(ledger, 1)
    ledger.close()

    ledger = Ledger.open(folder)
    lake = _write_and_publish(ledger, 2)
    publish_tables(ledger, folder)
    publish_rollups(ledger, folder)
    write_views(folder)
    sql = "SELECT seq, cost_source, cost_usd FROM attempts ORDER BY seq"
    before = read_lake(folder.lake_views, sql)
    merge(ledger, folder.lake, "seconds", applied=0)
    lake.finish()
    assert [row["seq"] for row in before] == [1, 2]
    assert read_lake(folder.lake_views, sql) == before
    ledger.close()


def _go_back_to_the_second_schema(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        for migration in migrations.known():
            if migration.number > 2:
                for table in re.findall(r"CREATE TABLE (\w+)", migration.sql):
                    cursor.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
                for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", migration.sql):
                    cursor.execute(f"ALTER TABLE {table} DROP COLUMN {column}").fetchall()
        cursor.execute("DELETE FROM schema_migrations WHERE number > 2").fetchall()


def _write_and_publish(ledger: Ledger, seq: int) -> Lake:
    with ledger.transaction() as cursor:
        insert = """INSERT INTO attempts (seq, started_at, call_id, status, litellm_cost_usd)
            VALUES ($seq, now(), uuid(), 'success', 0.5)"""
        cursor.execute(insert, {"seq": seq}).fetchall()
    lake = Lake(ledger, ledger.folder.lake)
    lake.start()
    lake.finish()
    return lake


def test_nothing_heavy_is_imported_once_rows_come_in(ledger: Ledger, folder: Folder) -> None:
    """An import holds up every thread of the hub: pandas', which pyarrow has for many of its ways, for a second."""
    Writer(ledger).write(10)
    ledger.close()
    code = """
import sys
from pathlib import Path
from analytics.lake.clockwork import Lake
from analytics.lake.files import free_path
from scalix.folder import Folder
from scalix.store.ledger import Ledger
ledger = Ledger.open(Folder(Path(sys.argv[1])))
lake = Lake(ledger, ledger.folder.lake)
lake.start()
begun = set(sys.modules)  # DuckDB 1.5 imports pandas as it opens, when nothing has to wait yet
print(lake.tick(), free_path(lake.path / "seconds").name, "pandas" in set(sys.modules) - begun)
"""
    run = subprocess.run([sys.executable, "-c", code, str(folder.root)], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["1", "part-0001.parquet", "False"]
