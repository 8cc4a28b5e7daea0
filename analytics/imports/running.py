"""Imports a file: its records become events on the spool, batch by batch, and how far it came is kept.

An import that was interrupted goes on where it stopped. One that is repeated writes the same events again, with the
same keys, which changes nothing in the ledger.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from analytics.imports.depositing import Depositor
from analytics.imports.helicone import of_request
from analytics.imports.langfuse import of_observation
from analytics.imports.litellm_records import of_spend_log
from analytics.imports.otlp_json import events_of_file_record
from analytics.imports.reading import read_records
from analytics.imports.rejecting import reject
from analytics.imports.values import BadRecordError
from analytics.state_files import replace_file
from scalix.errors import SettingsError, SpoolError
from scalix.store.ledger import make_private
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from analytics.imports.reading import Record
    from scalix.events import AttemptEvent, Event
    from scalix.folder import Folder

Origin = Literal["litellm", "langfuse", "helicone", "otlp"]
BATCH = 5000
AHEAD_US = 86_400 * MICROSECONDS
"""Clocks differ, but not by more than a day."""
MOST_REASONS = 20


class ImportState(msgspec.Struct):
    """How far the import of one file has come."""

    origin: str
    file: str
    records: int = 0
    """Records read so far, good or not."""
    imported: int = 0
    passed_over: int = 0
    """Records that are no calls, such as spans of other work, and those outside the chosen time."""
    rejected: int = 0
    reasons: dict[str, int] = {}
    finished: bool = False


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which calls of a file are wanted, by when they started."""

    since_us: int | None = None
    until_us: int | None = None

    @property
    def name(self) -> str:
        """What tells the import of one stretch of time from that of another."""
        return "" if self == Chosen() else f"-{self.since_us or 0}-{self.until_us or ''}"

    def has(self, event: AttemptEvent) -> bool:
        """Whether this call is one of them."""
        after = self.since_us is None or event.started_us >= self.since_us
        return after and (self.until_us is None or event.started_us < self.until_us)


def import_file(
    folder: Folder,
    origin: Origin,
    path: Path,
    *,
    now_us: int,
    chosen: Chosen | None = None,
    again: bool = False,
    note: Callable[[int, int], None] = lambda _done, _all: None,
) -> ImportState:
    """Import one file from where an earlier import of the same content stopped, or with ``again`` from its start.

    Raises SettingsError when the file cannot be read, SpoolError when the spool cannot be written.
    """
    digest, chosen = _digest(path), chosen or Chosen()
    kept = folder.root / "imports" / f"{origin}-{digest[:32]}{chosen.name}.json"
    state = None if again else _read_state(kept)
    state = state or ImportState(origin, path.name)
    run = _Run(origin, f"import {origin} {path.name} {digest[:12]}", now_us, chosen, state)
    # The same file is the same process, so that nothing tells a second import from the first.
    depositor = Depositor(folder.spool, str(UUID(digest[:32])))
    with closing(depositor):
        remaining = islice(read_records(path, note), state.records, None) if not state.finished else iter(())
        for batch in _batches(remaining):
            depositor.put(run.events(batch))
            _write_state(kept, state)
    state.finished = True
    _write_state(kept, state)
    return state


@dataclass
class _Run:
    origin: Origin
    source: str
    now_us: int
    chosen: Chosen
    state: ImportState

    def events(self, batch: Iterable[Record]) -> Iterator[Event]:
        """The events of some records; the state counts along."""
        reasons = Counter(self.state.reasons)
        for record in batch:
            self.state.records += 1
            try:
                made = self._made(record)
            except (ValueError, OverflowError, RecursionError) as error:
                self.state.rejected += 1
                reason = str(error) if isinstance(error, BadRecordError) else f"unreadable: {error}"
                if reason in reasons or len(reasons) < MOST_REASONS:
                    reasons[reason] += 1
                yield reject(self.source, record.number, reason, record.fields, self.now_us)
            else:
                self.state.imported += len(made)
                self.state.passed_over += not made
                yield from made
        self.state.reasons = dict(reasons)

    def _made(self, record: Record) -> list[AttemptEvent]:
        if record.fields is None:
            raise BadRecordError(record.problem)
        found = _MAKERS[self.origin](record.fields, latest_us=self.now_us + AHEAD_US)
        return [event for event in found if self.chosen.has(event)]


def _one(maker: Callable[..., AttemptEvent | None]) -> Callable[..., list[AttemptEvent]]:
    def made(fields: Any, *, latest_us: int) -> list[AttemptEvent]:
        event = maker(fields, latest_us=latest_us)
        return [] if event is None else [event]

    return made


_MAKERS: dict[Origin, Callable[..., list[AttemptEvent]]] = {
    "litellm": _one(of_spend_log),
    "langfuse": _one(of_observation),
    "helicone": _one(of_request),
    "otlp": events_of_file_record,
}


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _read_state(path: Path) -> ImportState | None:
    """A state that cannot be read is none: starting over changes nothing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ImportState)
    except (OSError, msgspec.MsgspecError):
        return None


def _write_state(path: Path, state: ImportState) -> None:
    try:
        make_private(path.parent)
        replace_file(path, msgspec.json.encode(state))
    except OSError as error:
        raise SpoolError(f"how far the import came cannot be kept in {path}: {error}") from error
