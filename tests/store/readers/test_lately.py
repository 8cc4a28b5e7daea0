"""A question that is asked again: bound once, and answered from what the lake holds by then."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb

from scalix.folder import Folder
from scalix.store.readers.lately import Bound, Lately
from scalix.store.readers.pool import Pool
from scalix.store.readers.wire import Question
from scalix.times import now
from tests.attempt_rows import Attempt
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path


def asked(pool: Pool, sql: str, **more: Any) -> str:
    with pool.ask(Question(sql, form="csv", **more)) as answer:
        return b"".join(answer).decode().partition("\n")[2].strip()


def bound(connection: duckdb.DuckDBPyConnection, sql: str) -> Bound:
    cursor = connection.cursor()
    return Bound(cursor, cursor.sql(sql))


def test_the_same_question_sees_what_was_published_since(tmp_path: Path) -> None:
    folder = published(Folder(tmp_path))
    with closing(Pool(folder.lake_views, readers=1)) as pool:
        before = asked(pool, "SELECT count(*) FROM attempts")
        published(folder, [Attempt(now())])
        after = asked(pool, "SELECT count(*) FROM attempts")

    assert (before, after) == ("4", "5")


def test_questions_differ_by_their_parameters_and_not_by_their_form(tmp_path: Path) -> None:
    sql = "SELECT CAST($of AS INTEGER) + 1 AS n"
    with closing(Pool(published(Folder(tmp_path)).lake_views, readers=1)) as pool:
        answers = [asked(pool, sql, parameters={"of": of}) for of in (1, 2, 1)]
        with pool.ask(Question(sql, {"of": 1}, "jsonl")) as answer:
            lines = b"".join(answer)

    assert answers == ["2", "3", "2"]
    assert lines == b'{"n":2}\n'


def test_an_answer_that_was_cut_off_is_whole_the_next_time(tmp_path: Path) -> None:
    sql = "SELECT range AS n FROM range(100000)"
    with closing(Pool(published(Folder(tmp_path)).lake_views, readers=1)) as pool:
        rows = [len(asked(pool, sql, rows=rows).splitlines()) for rows in (5, None, 7)]

    assert rows == [5, 100_000, 7]


def test_what_holds_rows_and_no_query_is_not_kept() -> None:
    with duckdb.connect() as connection:
        lately = Lately()

        assert not lately.keep(Question("EXPLAIN SELECT 1"), bound(connection, "EXPLAIN SELECT 1"))
        assert lately.take(Question("EXPLAIN SELECT 1")) is None


def test_only_the_latest_are_kept_and_each_is_taken_by_one() -> None:
    with duckdb.connect() as connection:
        lately = Lately()
        for number in range(40):
            assert lately.keep(Question(f"SELECT {number}"), bound(connection, f"SELECT {number}"))

        assert lately.take(Question("SELECT 0")) is None
        assert lately.take(Question("SELECT 39")) is not None
        assert lately.take(Question("SELECT 39")) is None
