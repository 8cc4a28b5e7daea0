"""Every query in the documentation runs on a lake, so that what is copied from a page works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analytics.asking.queries import all_queries, parameters_of
from scalix.folder import Folder
from scalix.store.lake_reader import LakeReader
from tests.lakes import published

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:scalix sql|scalix\.duckdb) \"([^\"]+)\"")


def documented() -> Iterator[tuple[str, str]]:
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        text = page.read_text(encoding="utf-8")
        for number, sql in enumerate([*FENCED.findall(text), *COMMAND.findall(text)]):
            yield f"{page.relative_to(ROOT)}-{number}", sql


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeReader:
    return LakeReader(published(Folder(tmp_path_factory.mktemp("documented"))).lake_views)


@pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in documented()])
def test_a_documented_query_runs(lake: LakeReader, sql: str) -> None:
    assert lake.read(sql, dict(parameters_of(sql)) or None).width > 0


def test_the_questions_people_ask_first_are_ten() -> None:
    assert len(all_queries()) == 10
