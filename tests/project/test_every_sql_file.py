"""Every file in ``sql/`` runs on the demo: what changes data in the hub's own work, every question by itself."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from scalix.folder import Folder
from scalix.store import sqlfiles
from scalix.store.lake_reader import LakeReader
from scalix.store.ledger import Ledger
from tests.project.bound import bound
from tests.project.statements import Statements, noted_statements
from tests.project.worked import forgotten, rebuilt, worked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("every_sql_file")
IN_THE_LAKE = ("demo", "exports", "queries", "reconcile")
"""Folders whose questions are asked of the lake alone; all others are asked of the ledger."""
LAKE_FILES = ("access/spend_logs", "access/spend_report", "health/lake", "integrity/lake_rows", "prices/attempts")
NAMES = sorted(str(path.relative_to(sqlfiles.root()).with_suffix("")) for path in sqlfiles.root().rglob("*.sql"))
QUESTION = re.compile(r"(?:\s|--.*\n)*(?:SELECT|WITH|COPY)\b")


@dataclass(frozen=True)
class Demo:
    """What the hub's work ran, and what it left behind."""

    ran: Statements
    ledger: Ledger
    lake: LakeReader


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    root = tmp_path_factory.mktemp("every-sql-file")
    folder = Folder(root / "demo")
    with noted_statements() as ran:
        worked(folder)
        for lost in (rebuilt, forgotten):
            lost(Folder(shutil.copytree(folder.root, root / lost.__name__)))
    with closing(Ledger.open(folder)) as ledger:
        yield Demo(ran, ledger, LakeReader(folder.lake_views))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_runs_on_the_demo(demo: Demo, name: str, tmp_path: Path) -> None:
    sql = sqlfiles.text(name)
    if demo.ran.hold(sql):
        return
    assert QUESTION.match(sql), f"nothing that the hub does here runs sql/{name}.sql: add it to tests/project/worked.py"
    text, parameters = bound(name, sql, tmp_path / "copy")
    if name.startswith(IN_THE_LAKE) or name in LAKE_FILES:
        ask = demo.lake.copy if "COPY (" in text else demo.lake.read
        ask(text, parameters)
    else:
        assert demo.ledger.read(text, parameters).width > 0


def test_every_file_begins_with_what_it_is_for() -> None:
    assert [name for name in NAMES if not re.match(r"-- \w", sqlfiles.text(name))] == []


def test_the_demo_has_what_the_questions_are_about(demo: Demo) -> None:
    """A question that runs over nothing has not been tried."""
    tables = ("attempts", "prices", "replaced", "quarantine", "decisions", "budget_changes", "adjustments", "job_runs")
    for table in (*tables, "fallbacks", "losses", "quality_findings", "reliability_hour", "moves_hour", "spend_day"):
        assert demo.ledger.read(f"SELECT count(*) FROM {table}").item() > 0, table
