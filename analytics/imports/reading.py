"""The records of an export file one by one: CSV, JSON, JSON lines or Parquet, also compressed with gzip."""

from __future__ import annotations

import csv
import gzip
import io
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LONGEST_FIELD = 64 * 2**20
_ROWS = 5000
_WRAPPERS = ("data", "observations", "requests", "logs", "spend_logs", "resourceSpans")
_SHOWN = 2000


@dataclass(frozen=True)
class Record:
    """One record. ``fields`` is None for one that cannot be read, and ``problem`` says why."""

    number: int
    fields: Mapping[str, Any] | None
    problem: str = ""
    raw: str = ""


def read_records(path: Path, note: Callable[[int, int], None] = lambda _done, _all: None) -> Iterator[Record]:
    """The records of a file, numbered from 1; ``note`` is told bytes read, of bytes in all.

    Raises SettingsError when the file cannot be opened, or its name ends in none of the known ways.
    """
    compressed = path.suffix == ".gz"
    ending = (path.with_suffix("") if compressed else path).suffix.lower()
    readers: dict[str, Callable[[BinaryIO], Iterator[Record]]] = {
        ".csv": _csv,
        ".json": _json,
        ".jsonl": _lines,
        ".ndjson": _lines,
        ".parquet": _parquet,
    }
    if ending not in readers:
        raise SettingsError(f"{path}: its name should end in {', '.join(readers)}, with or without .gz")
    try:
        whole = path.stat().st_size
        with path.open("rb") as file, closing(_opened(file, compressed=compressed)) as content:
            for record in readers[ending](content):
                if record.number % _ROWS == 0:
                    note(file.tell(), whole)
                yield record
        note(whole, whole)
    except (OSError, EOFError, csv.Error, msgspec.MsgspecError, pa.ArrowException, RecursionError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _opened(file: BinaryIO, *, compressed: bool) -> BinaryIO:
    return gzip.GzipFile(fileobj=file) if compressed else file  # type: ignore[return-value]  # it reads like one


def _csv(content: BinaryIO) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_FIELD)
    text = io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.reader(text)
    names = next(rows, [])
    for number, row in enumerate(rows, 1):
        if len(row) == len(names):
            yield Record(number, dict(zip(names, row, strict=True)))
        elif row:
            problem = f"{len(row)} fields under {len(names)} headings"
            yield Record(number, None, problem, ",".join(row)[:_SHOWN])


def _lines(content: BinaryIO) -> Iterator[Record]:
    decode = msgspec.json.Decoder().decode
    for number, line in enumerate(content, 1):
        if not line.strip():
            continue
        try:
            fields = decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            yield Record(number, None, str(error), line[:_SHOWN].decode(errors="replace"))
        else:
            yield _record(number, fields)


def _json(content: BinaryIO) -> Iterator[Record]:
    """An array, or an object around one. It is read whole: JSON lines are for what does not fit into memory."""
    found = msgspec.json.decode(content.read())
    if isinstance(found, dict):
        wrapped = next((found[name] for name in _WRAPPERS if isinstance(found.get(name), list)), None)
        found = [found] if wrapped is None else wrapped
    for number, fields in enumerate(found if isinstance(found, list) else [found], 1):
        yield _record(number, fields)


def _parquet(content: BinaryIO) -> Iterator[Record]:
    number = 0
    with pq.ParquetFile(content) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            for fields in batch.to_pylist():
                number += 1
                yield Record(number, fields)


def _record(number: int, fields: object) -> Record:
    if isinstance(fields, dict):
        return Record(number, fields)
    return Record(number, None, "not an object", str(fields)[:_SHOWN])
