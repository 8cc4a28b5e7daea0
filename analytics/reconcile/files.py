"""Reads exports, whatever they are: JSON as an API answers, one JSON object a line, CSV, or Parquet."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.exceptions import PolarsError

from analytics.reconcile.formats import format_of
from analytics.reconcile.lines import RecordError, Statement
from scalix.errors import ScalixError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LISTS = ("data", "results", "result")


class ExportError(ScalixError):
    """A file is no export that can be read."""


def read_exports(paths: Iterable[Path]) -> Statement:
    """Everything the files say. A record that cannot be used is set aside with the reason; the others count.

    Raises ExportError for a file that cannot be read at all.
    """
    statement = Statement()
    for path in paths:
        for place, record in enumerate(_records(path), start=1):
            _take(statement, path.name, place, record)
    return statement


def _take(statement: Statement, file: str, place: int, record: object) -> None:
    known = format_of(record) if isinstance(record, dict) else None
    if known is None or not isinstance(record, dict):
        statement.reject(file, place, "it is of no export known here", record)
        return
    try:
        line = known.line(record)
    except RecordError as error:
        statement.reject(file, place, f"{known.name}: {error}", record)
        return
    if line is None:
        statement.passed_over += 1
        return
    statement.lines.append(line)
    statement.merged.setdefault(line.provider, {}).update(known.merged)


def _records(path: Path) -> Iterator[object]:
    try:
        if path.suffix == ".parquet":
            return iter(pl.read_parquet(path).to_dicts())
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, PolarsError) as error:
        raise ExportError(f"{path} cannot be read: {error}; give JSON, JSON lines, CSV or Parquet") from error
    if not text.strip():
        raise ExportError(f"{path} is empty; export it again")
    if text.lstrip()[0] in "{[":
        return _unpacked(_json(path, text), {})
    return iter(csv.DictReader(text.splitlines()))


def _json(path: Path, text: str) -> Any:
    """One document, or one a line; a line that is no JSON becomes a record of its own."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        lines = text.splitlines()
        if len(lines) == 1:
            raise ExportError(f"{path} is no JSON: {error}; export it again") from error
    return [_line(line) for line in lines if line.strip()]


def _line(line: str) -> Any:
    try:
        return json.loads(line, parse_float=Decimal)
    except ValueError:
        return line


def _unpacked(value: Any, around: dict[str, Any]) -> Iterator[object]:
    """Pages hold buckets, buckets hold results; a result is given the fields of its bucket."""
    if isinstance(value, list):
        for one in value:
            yield from _unpacked(one, around)
        return
    inner = next((name for name in _LISTS if isinstance(value, dict) and isinstance(value.get(name), list)), None)
    if inner is None:
        yield {**around, **value} if isinstance(value, dict) else value
        return
    yield from _unpacked(value[inner], {name: one for name, one in value.items() if name not in _LISTS})
