"""Looks for a name in every file of a folder: in values where files are compressed, and byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from scalix.store.rewriting import mentions_in_database, mentions_in_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from analytics.forgetting.names import Person
    from scalix.folder import Folder

PIECE = 16 * 2**20
DATABASES = {".duckdb"}


@dataclass(frozen=True)
class Trace:
    """One file in which a name was found."""

    path: Path
    mentions: int
    """Values, or places among the bytes."""


def traces(folder: Folder, person: Person) -> tuple[int, list[Trace]]:
    """How many files were searched, and those in which the name still stands. Raises StoreError.

    A longer name of which it is a part, such as another person's, is no trace.
    """
    files = _files(folder)
    found = [Trace(path, count) for path in files if (count := _mentions(path, person))]
    return len(files), found


def is_in_files(folder: Folder, person: Person) -> bool:
    """Whether any file mentions the person; no further one is read then. Raises StoreError."""
    return any(_mentions(path, person) for path in _files(folder))


def _files(folder: Folder) -> list[Path]:
    return [path for path in sorted(folder.root.rglob("*")) if path.is_file() and not path.is_symlink()]


def _mentions(path: Path, person: Person) -> int:
    values = _values(path, person.name)
    named = sum(person.is_in(value.encode()) for value in values)
    # Inside a database file a value has no ends to tell it by; there any run of these bytes counts, unless it is
    # explained by a longer name.
    longer = any(not person.is_in(value.encode()) for value in values)
    strict = path.suffix in DATABASES | {".parquet"} and not longer
    raw = sum(piece.count(person.name.encode()) if strict else person.is_in(piece) for piece in _pieces(path, person))
    return named or raw


def _values(path: Path, name: str) -> list[str]:
    if path.suffix in DATABASES:
        return mentions_in_database(path, name)
    return mentions_in_parquet(path, name) if path.suffix == ".parquet" else []


def _pieces(path: Path, person: Person) -> Iterator[bytes]:
    """The file's bytes, unpacked where it is compressed, in pieces that overlap by the length of the name."""
    overlap = 2 * len(person.name.encode()) + 2
    rest = b""
    with pa.CompressedInputStream(str(path), "zstd") if path.suffix == ".zst" else path.open("rb") as source:
        while piece := source.read(PIECE):
            yield rest + piece
            rest = piece[-overlap:]
