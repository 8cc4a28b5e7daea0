"""The lake's file: everything explained, opened by older clients, right after a move, and nothing secret beside it."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlalchemy as sa

from analytics.alerts.firing import settle
from analytics.alerts.rules import Rule
from analytics.alerts.states import Finding
from analytics.budgets.definitions import Budget
from analytics.budgets.shelf import keep
from analytics.lake.states import publish_episodes, publish_objectives, publish_states
from analytics.lake.tables import write_views
from docs.schema import STABLE, diagrammed
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.lake_reader import read_lake
from scalix.store.ledger import Ledger
from scalix.store.tables.alerts import channels
from scalix.times import now, now_us
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "whsec_c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1yZWFk"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return published(Folder(tmp_path / "home"))


@pytest.mark.parametrize(
    "what",
    [
        "schema_name || '.' || view_name FROM duckdb_views()",
        "schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns()",
        "function_name FROM duckdb_functions()",
    ],
)
def test_everything_has_a_comment(folder: Folder, what: str) -> None:
    assert read_lake(folder.lake_views, f"SELECT {what} WHERE NOT internal AND coalesce(comment, '') = ''") == []


def test_the_interface_and_the_diagram_name_what_there_is(folder: Folder) -> None:
    found = read_lake(folder.lake_views, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main'")
    views = {row["view_name"] for row in found}
    assert set(STABLE) <= views
    assert diagrammed() <= views


def test_older_clients_can_open_it(folder: Folder) -> None:
    """The version of its storage is the one that DuckDB has written since 0.10."""
    assert folder.lake_views.read_bytes()[8:16] == b"DUCK" + (64).to_bytes(4, "little")


def test_it_is_right_again_after_the_folder_has_moved(folder: Folder, tmp_path: Path) -> None:
    moved = Folder(folder.root.rename(tmp_path / "it's elsewhere"))
    with pytest.raises(duckdb.IOException), closing(duckdb.connect(str(moved.lake_views), read_only=True)) as client:
        client.execute("SELECT count(*) FROM attempts").fetchall()

    write_views(moved)

    assert read_lake(moved.lake_views, "SELECT count(*) AS n FROM attempts") == [{"n": 4}]


def test_budgets_alerts_objectives_and_episodes_are_published_without_any_secret(folder: Folder) -> None:
    at = now()
    with closing(Ledger.open(folder)) as ledger, closing(ControlStore.in_folder(folder)) as control:
        with control.transaction() as connection:
            where = {"name": "ops", "kind": "webhook", "url": f"https://hooks.example/{SECRET}", "secret": SECRET}
            connection.execute(sa.insert(channels).values(where))
        budget = Budget(name="all", amount_usd=Decimal("0.2"), channels=("ops",), scope={"provider": "openai"})
        keep(control, folder.spool, budget, reason=None, replace=False)
        rule = Rule(name="budget", kind="budget")
        settle(control, rule, [Finding("budget", "all", "100", crossed=True, window_us=1, facts={})], now_us=now_us())
        publish_states(ledger, control, folder, at)
        publish_episodes(ledger, folder, at)
        publish_objectives(ledger, control, folder, at)

    (state,) = read_lake(folder.lake_views, "FROM budget_state")
    assert (state["budget"], state["spent_usd"], state["left_usd"]) == ("all", Decimal("0.25"), Decimal("-0.05"))
    assert state["scope"] == [{"dimension": "provider", "value": "openai"}]
    assert (state["crossed_percent"][-1], state["computed_at"]) == (100, at)
    (alert,) = read_lake(folder.lake_views, "FROM alerts")
    assert (alert["subject"], alert["state"]) == ("all", "firing")
    objectives = {one["objective"]: one for one in read_lake(folder.lake_views, "FROM objective_state")}
    assert objectives.keys() == {"success", "errors", "latency"}
    assert (objectives["success"]["target"], objectives["success"]["computed_at"]) == (Decimal("99.5"), at)
    assert {one["state"] for one in objectives.values()} == {"not_evaluated"}
    assert [burn["time_window"] for burn in objectives["errors"]["burn_rates"]] == ["1h", "6h", "3d"]
    files = [path for path in folder.lake.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_daily_and_hourly_sums_agree_with_the_attempts(folder: Folder) -> None:
    (quality,) = read_lake(folder.lake_views, "FROM data_quality")
    assert (quality["attempts"], quality["unpriced"]) == (4, 1)
