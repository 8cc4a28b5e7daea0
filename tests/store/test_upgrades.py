"""A ledger of every earlier schema opens, is brought to this version, and keeps what it held."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from analytics.integrity.ledger import check_ledger
from analytics.rebuild import open_or_rebuild
from analytics.rollups.refresh import refresh_rollups
from scalix.errors import StoreError
from scalix.events import PriceEvent
from scalix.folder import Folder
from scalix.store import migrations, sqlfiles, views
from scalix.store.ledger import Ledger
from tests.lakes import publish_all
from tests.spool_files import LATER_US, everything, lines, rows, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from pathlib import Path

PRICE = PriceEvent(at_us=LATER_US, provider="openai", model="gpt-4o", meter="input", amount=Decimal(3), valid_from_us=0)
VERSIONS = [migration.number for migration in migrations.known()]
INSERT = """
INSERT INTO attempts BY NAME
SELECT n AS seq, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(n) AS started_at, uuid() AS call_id,
    'openai' AS provider, 'gpt-4o' AS model, true AS upstream, 'success' AS status, true AS final,
    1000 AS latency_us, 10 AS input_tokens, 5 AS output_tokens, 'reported' AS tokens_source,
    0.000012345678::DECIMAL(18, 12) AS litellm_cost_usd
FROM range(1, 101) AS t (n)
"""


def ledger_of(version: int, folder: Folder) -> None:
    """A ledger as the version whose newest migration this is left it, with attempts in it."""
    folder.root.mkdir(parents=True)
    with duckdb.connect(str(folder.ledger)) as connection:
        connection.execute(sqlfiles.text("ingest/schema_migrations"))
        for migration in migrations.known()[: VERSIONS.index(version) + 1]:
            connection.execute(migration.sql)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?, now())", [migration.number, migration.name])
        connection.execute(INSERT)
    folder.ledger.chmod(0o600)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_earlier_schema_opens_and_keeps_its_rows(tmp_path: Path, version: int) -> None:
    folder = Folder(tmp_path / "home")
    ledger_of(version, folder)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    try:
        assert report is None
        assert rows(ledger, "number", table="schema_migrations") == [(number,) for number in VERSIONS]
        assert ledger.read("SELECT count(*), sum(litellm_cost_usd) FROM attempts").row(0)[0] == 100
        with ledger.cursor() as cursor:
            views.define_in_ledger(cursor)
        (total,) = ledger.read("SELECT sum(cost_usd) FROM views.attempts").row(0)
        assert str(total) == "0.001234567800"
        write_segment(folder.spool, lines(whole_attempt(1)))
        take_in(ledger)
        assert len(everything(ledger)) == 101
        refresh_rollups(ledger, now_us=LATER_US)
        assert ledger.read("SELECT sum(attempts) FROM spend_day").item() == 101
        assert check_ledger(ledger).damage == ()
    finally:
        ledger.close()


def test_a_lake_of_an_earlier_version_fills_a_new_ledger(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home")
    ledger = Ledger.open(folder)
    write_segment(folder.spool, lines([PRICE]))
    take_in(ledger)
    write_segment(folder.spool, lines(whole_attempt(1), "two"), "host-boot-2.seg")
    take_in(ledger)
    publish_all(ledger)
    ledger.close()
    prices = folder.lake / "tables" / "prices.parquet"
    pq.write_table(pq.read_table(prices).drop_columns(["source"]), prices)
    for path in (folder.ledger, *folder.archive.iterdir()):
        path.unlink()

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)

    assert report is not None
    assert (report.set_aside, report.rows_from_lake) == ((), 1)
    assert rows(ledger, "model", "amount", "source", table="prices") == [("gpt-4o", Decimal(3), None)]
    ledger.close()


def test_an_upgrade_that_is_cut_short_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home")
    ledger_of(VERSIONS[0], folder)
    with duckdb.connect(str(folder.ledger)) as connection:
        migrations._apply(connection, migrations.known()[1])
    ledger = Ledger.open(folder)
    assert rows(ledger, "number", table="schema_migrations") == [(number,) for number in VERSIONS]
    ledger.close()


def test_a_ledger_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home")
    ledger_of(VERSIONS[-1], folder)
    with duckdb.connect(str(folder.ledger)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'later', now())")
    with pytest.raises(StoreError, match=r"9999.*upgrade scalix"):
        open_or_rebuild(folder, now_us=LATER_US)
    assert [path.name for path in folder.root.glob("scalix.duckdb*")] == ["scalix.duckdb"]
