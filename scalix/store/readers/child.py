"""The reader itself: a process without environment that answers one query after the other, and holds no secret.

Run as ``python -I -m scalix.store.readers.child FILE LIMITS``; questions come in on standard input.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import duckdb
import msgspec
import pyarrow as pa

from scalix.errors import StoreError
from scalix.store.files import open_file
from scalix.store.lockdown import lock_down
from scalix.store.readers import confine
from scalix.store.readers.forms import written
from scalix.store.readers.gate import RefusedError, permitted, table_macros
from scalix.store.readers.lately import Bound, Lately
from scalix.store.readers.wire import END, HEAD, MOST_PIECE, PIECE, READY, End, Limits, Question, Sort, message

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_S = 1.0
"""An interrupt that DuckDB does not heed in this time ends the process."""
IDLE_S = 600.0
_BATCH_ROWS = 2048
_LONGEST_ERROR = 2000


@dataclass(frozen=True)
class _Session:
    """What a reader keeps from one question to the next."""

    connection: duckdb.DuckDBPyConnection
    macros: frozenset[str]
    limits: Limits
    answers: BinaryIO
    lately: Lately = field(default_factory=Lately)


class _TooMuchError(StoreError):
    """The answer is larger than a reader may give."""


_SORTS: dict[type[Exception], Sort] = {
    _TooMuchError: "large",
    RefusedError: "refused",
    duckdb.FatalException: "broken",
    duckdb.InternalException: "broken",
    duckdb.Error: "invalid",
    pa.ArrowException: "invalid",
    ValueError: "invalid",
}
"""What the person who asked can do about an error, by the first of these that it is."""


def main() -> None:
    """Lock everything down, then answer until the hub lets go of standard input or nothing is asked for long."""
    path, limits = Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Limits)
    pa.set_memory_pool(pa.system_memory_pool())
    zoneinfo.ZoneInfo("UTC")
    confine.share_memory_pools()
    confine.give_up_writing()
    confine.stay_within(path.parent)
    connection = _opened(path, limits)
    confine.bound_memory(limits.memory_bytes)
    asked, session = sys.stdin.buffer, _Session(connection, table_macros(connection), limits, sys.stdout.buffer)
    _say(session.answers, READY)
    while (question := _next(asked)) is not None:
        end = _answer(session, question)
        last = end.sort in {"memory", "broken"} or _is_worn(limits)
        _say(session.answers, END, msgspec.json.encode(msgspec.structs.replace(end, last=last)))
        if last:
            return


def _opened(path: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    config = {"memory_limit": f"{limits.memory_bytes // 2}B", "threads": limits.threads}
    connection = open_file(path, read_only=True, config=config)
    # Reading the feet of the same files anew takes a third of a small query's time. DuckDB looks whether they changed.
    connection.execute("SET GLOBAL parquet_metadata_cache = true").fetchall()
    lock_down(connection, path.parent, scratch=None, most_scratch="0B")
    return connection


def _is_worn(limits: Limits) -> bool:
    """Whether freed memory has been left in so many pieces that the next question might not find enough."""
    left = confine.memory_left()
    return left is not None and left < limits.memory_bytes // 2


def _next(asked: BinaryIO) -> Question | None:
    ready, _, _ = select.select([asked], [], [], IDLE_S)
    head = asked.read(HEAD.size) if ready else b""
    if len(head) < HEAD.size:
        return None
    _, length = HEAD.unpack(head)
    return msgspec.json.decode(asked.read(length), type=Question)


def _answer(session: _Session, question: Question) -> End:
    kept = session.lately.take(question)
    cursor = session.connection.cursor() if kept is None else kept.cursor
    with contextlib.ExitStack() as closing:
        closing.callback(cursor.close)
        with _time_limit(cursor, session.limits.time_s):
            try:
                bound = kept or _bound(cursor, question, session)
                end = _run(bound.relation, question, session)
            except duckdb.InterruptException:
                return End(sort="time", message=f"the query took longer than {session.limits.time_s:g} s")
            except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
                return End(sort="memory", message="the query needed more memory than it may have; ask for less at once")
            except tuple(_SORTS) as error:
                sort = next(sort for kind, sort in _SORTS.items() if isinstance(error, kind))
                return End(sort=sort, message=str(error)[:_LONGEST_ERROR])
        if session.lately.keep(question, bound):
            closing.pop_all()
        return end


def _bound(cursor: duckdb.DuckDBPyConnection, question: Question, session: _Session) -> Bound:
    statement = permitted(cursor, question.sql, session.macros)
    return Bound(cursor, cursor.sql(statement, params=question.parameters or None))


def _run(relation: duckdb.DuckDBPyRelation, question: Question, session: _Session) -> End:
    limits = session.limits
    sent = 0
    with relation.to_arrow_reader(_BATCH_ROWS) as reader:
        counted = _Counted(iter(reader), question.rows, limits.rows)
        for piece in written(iter(counted), reader.schema, question.form):
            sent += len(piece)
            if sent > limits.bytes:
                raise _TooMuchError(f"the answer is longer than {limits.bytes:,} bytes; ask for fewer rows or columns")
            for start in range(0, len(piece), MOST_PIECE):
                _say(session.answers, PIECE, piece[start : start + MOST_PIECE])
    return End(rows=counted.rows, more=counted.more)


class _Counted:
    """Batches, cut off after as many rows as were asked for. Raises _TooMuchError beyond the limit."""

    def __init__(self, batches: Iterator[pa.RecordBatch], asked: int | None, most: int) -> None:
        self._batches, self._asked, self._most = batches, asked, most
        self.rows = 0
        self.more = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            left = batch.num_rows if self._asked is None else self._asked - self.rows
            self.more = batch.num_rows > left
            self.rows += min(batch.num_rows, left)
            if self.rows > self._most:
                raise _TooMuchError(f"the answer has more than {self._most:,} rows; add up or limit in the query")
            if left:
                yield batch.slice(0, left)
            if self.more:
                return


@contextlib.contextmanager
def _time_limit(connection: duckdb.DuckDBPyConnection, limit_s: float) -> Iterator[None]:
    """Interrupt at the limit. The alarm behind it has no handler: it ends a process that does not obey."""
    timer = threading.Timer(limit_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    signal.setitimer(signal.ITIMER_REAL, limit_s + GRACE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        timer.cancel()


def _say(answers: BinaryIO, kind: bytes, payload: bytes = b"") -> None:
    answers.write(message(kind, payload))
    answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
    os._exit(0)
