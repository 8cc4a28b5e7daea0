"""The one DuckDB file: who may open it, what SQL may reach, and how it comes back after a fatal error."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from scalix.errors import StoreError
from scalix.store import migrations
from scalix.store.ledger import Ledger, LedgerDamagedError, LedgerLockedError
from scalix.times import EPOCH

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.folder import Folder


def test_what_is_created_belongs_to_its_owner_alone(ledger: Ledger) -> None:
    modes = [path.stat().st_mode & 0o777 for path in (ledger.folder.root, ledger.folder.lake, ledger.folder.ledger)]

    assert modes == [0o700, 0o700, 0o600]


def test_another_process_is_named_that_holds_the_ledger(ledger: Ledger) -> None:
    program = (
        "import sys; from pathlib import Path; from scalix.folder import Folder; from scalix.store.ledger import *\n"
        "try: Ledger.open(Folder(Path(sys.argv[1])))\n"
        "except LedgerLockedError as error: print(error)"
    )
    child = subprocess.run(
        [sys.executable, "-c", program, str(ledger.folder.root)], capture_output=True, text=True, check=True
    )

    assert f"process {os.getpid()}" in child.stdout


def test_a_ledger_of_a_newer_scalix_is_refused(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute("INSERT INTO schema_migrations VALUES (9999, 'future', now())").fetchall()
    ledger.close()

    with pytest.raises(StoreError, match=r"schema 9999.*upgrade scalix"):
        Ledger.open(ledger.folder)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a INTEGER);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (a INTEGER); SELECT no_such_column FROM first;")
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        with pytest.raises(duckdb.Error, match="no_such_column"):
            migrations.migrate(connection, tmp_path)
        assert migrations.applied(connection) == {1}
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        assert tables == [("first",), ("schema_migrations",)]


def test_two_migrations_may_not_share_a_number(tmp_path: Path) -> None:
    for name in ("0001_first.sql", "0001_second.sql"):
        (tmp_path / name).write_text("SELECT 1;")

    with pytest.raises(StoreError, match="first and second share the number 0001"):
        migrations.known(tmp_path)


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/proc/self/environ')",
        "COPY (SELECT 1) TO '{root}/out.csv'",
        "ATTACH '{root}/other.duckdb'",
        "INSTALL httpfs",
        "SET memory_limit = '50GB'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM local_frame",
    ],
)
def test_sql_reaches_nothing_outside_the_lake(ledger: Ledger, attack: str) -> None:
    local_frame = pl.DataFrame({"secret": [1]})

    with pytest.raises(StoreError), ledger.cursor() as cursor:
        cursor.execute(attack.replace("{root}", str(ledger.folder.root))).fetchall()
    assert local_frame.height == 1


def test_the_lake_can_be_written_and_read(ledger: Ledger) -> None:
    with ledger.cursor() as cursor:
        cursor.execute(f"COPY (SELECT 7 AS a) TO '{ledger.folder.lake}/a.parquet'").fetchall()
        assert cursor.execute(f"FROM read_parquet('{ledger.folder.lake}/*.parquet')").fetchall() == [(7,)]


def test_moments_are_utc_whatever_the_machine_says(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    ledger = Ledger.open(folder)
    moment = ledger.read("SELECT make_timestamptz(0) AS moment, date_trunc('day', make_timestamptz(0)) AS day")
    ledger.close()

    assert moment.rows() == [(EPOCH, EPOCH)]


def test_an_error_inside_a_transaction_takes_everything_back(ledger: Ledger) -> None:
    def write_and_fail() -> None:
        with ledger.transaction() as cursor:
            cursor.execute("INSERT INTO replaced VALUES (1, now())").fetchall()
            cursor.execute("no sql").fetchall()

    with pytest.raises(StoreError, match="syntax"):
        write_and_fail()

    assert ledger.read("SELECT count(*) FROM replaced").rows() == [(0,)]


def test_use_in_a_fork_is_refused(ledger: Ledger) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            ledger.read("SELECT 1")
        except StoreError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    said = os.read(reading, 1000).decode()
    os.close(reading)

    assert f"opened by process {os.getpid()} and used in its fork {child}" in said
    assert ledger.read("SELECT 1").rows() == [(1,)]


def test_the_ledger_comes_back_after_a_fatal_error(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute("INSERT INTO replaced VALUES (1, now())").fetchall()

    with pytest.raises(StoreError, match="reopened at the next use"), ledger.cursor():
        raise duckdb.FatalException("database has been invalidated")

    first = ledger._connection
    assert ledger.read("SELECT seq FROM replaced").rows() == [(1,)]
    assert ledger._connection is not first


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    answers: list[tuple[int, ...]] = []

    def ask(number: int) -> None:
        answers.extend(ledger.read("SELECT $n::INTEGER", {"n": number}).rows())

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [(number,) for number in range(16)]


def test_a_closed_ledger_says_so(folder: Folder) -> None:
    ledger = Ledger.open(folder)
    ledger.close()
    ledger.close()

    with pytest.raises(StoreError, match="closed; open it again"):
        ledger.read("SELECT 1")


def test_a_file_that_is_no_ledger_is_damaged_not_locked(folder: Folder) -> None:
    folder.root.mkdir()
    folder.ledger.write_bytes(b"not a database" * 1000)

    with pytest.raises(LedgerDamagedError, match="cannot be opened"):
        Ledger.open(folder)
    assert not issubclass(LedgerDamagedError, LedgerLockedError)
