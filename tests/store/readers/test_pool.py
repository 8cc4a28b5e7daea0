"""The readers at hand: one from the start, and the same one again."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from scalix.folder import Folder
from scalix.store.readers.pool import Pool
from scalix.store.readers.wire import Question
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_question_is_answered_by_the_reader_that_was_started_ahead(tmp_path: Path) -> None:
    with closing(Pool(published(Folder(tmp_path)).lake_views, readers=1)) as pool:
        assert pool.idle_readers() == []
        pool.start_one()
        (ahead,) = pool.idle_readers()
        assert ahead.alive
        with pool.ask(Question(sql="SELECT count(*) FROM attempts")) as answer:
            assert b"".join(answer)
        assert [reader.pid for reader in pool.idle_readers()] == [ahead.pid]


def test_who_waits_for_a_reader_comes_before_who_asks_again(tmp_path: Path) -> None:
    answered: list[str] = []

    def ask(who: str) -> None:
        with pool.ask(Question(sql="SELECT 1")) as answer:
            assert b"".join(answer)
            answered.append(who)

    with closing(Pool(published(Folder(tmp_path)).lake_views, readers=1)) as pool:
        with pool.ask(Question(sql="SELECT 1")):
            waiting = threading.Thread(target=ask, args=("waiting",))
            waiting.start()
            time.sleep(0.5)
        ask("again")
        waiting.join()

    assert answered == ["waiting", "again"]
