"""The lake's clockwork: what to publish, settle, merge and remove at this moment.

One publisher per folder, called by one thread of the hub. All its memory can be lost at any point: after a restart it
waits its grace period again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analytics.lake.files import (
    LEVELS,
    emptied_files,
    empty,
    level_files,
    make_folders,
    mark_settled,
    settled_to,
    shrink,
)
from analytics.lake.merge import covered_files, merge, tidy_replaced, waiting
from analytics.lake.publish import publish_new_rows, write_empty_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.store.ledger import Ledger

MERGE_COUNT = 200
"""So many waiting files are merged before their time."""
_TIDIED = LEVELS[-2:]
"""Levels whose new file is followed by a look at every file, for the replaced rows that still stand somewhere."""


@dataclass(frozen=True, kw_only=True)
class LakeOptions:
    """Durations in seconds."""

    tail_s: float = 2.0
    """Between two publications of new rows."""
    ten_s: float = 10.0
    """Until files of ``seconds`` are merged, since each costs every query time."""
    part_s: float = 60.0
    """Until files of ``tens`` are merged; the other levels follow by the hour and by the day."""
    hour_s: float = 3600.0
    day_s: float = 86400.0
    grace_s: float = 120.0
    """How long the rows of files that were merged away stay for queries already running."""
    empty_s: float = 5.0
    """How long such files show their rows to new queries: longer than it takes to bind one."""
    settle_s: float = 0.8
    """How long new rows stand before readers count on them: longer than from binding a query to running it."""
    settle_merged_s: float = 2.0
    """The same for merged files; until then queries read what they were merged from in full."""


@dataclass
class Lake:
    """The publisher's memory. ``clock`` gives monotonic seconds."""

    ledger: Ledger
    path: Path
    options: LakeOptions = field(default_factory=LakeOptions)
    clock: Callable[[], float] = time.monotonic
    _published_at: float = float("-inf")
    _unsettled: list[tuple[float, str, int]] = field(default_factory=list)
    _settled: list[tuple[float, int]] = field(default_factory=list)
    _merged_at: dict[str, float] = field(default_factory=dict)
    _covered: dict[Path, float] = field(default_factory=dict)
    _leaving: dict[Path, float] = field(default_factory=dict)
    _emptied: dict[Path, float] = field(default_factory=dict)

    def start(self) -> None:
        """Make the lake readable, whatever a crash left behind."""
        make_folders(self.path)
        write_empty_files(self.ledger, self.path)
        for level in LEVELS:
            for file in level_files(self.path, level)[-1:]:
                mark_settled(self.path, level, file.last)
            self._merged_at[level] = self.clock()
        self._emptied = dict.fromkeys(emptied_files(self.path), self.clock())

    def tick(self) -> int:
        """Do what is due, in the order that keeps readers consistent. Returns the number of files written."""
        self._settle()
        written = self._publish() + sum(self._merge(level) for level in LEVELS[:-1])
        self._empty()
        return written

    def finish(self) -> None:
        """Publish what is left and let readers count on it at once; for a graceful stop."""
        self._published_at = float("-inf")
        self._publish()
        for _, level, last in self._unsettled:
            mark_settled(self.path, level, last)
        self._unsettled.clear()

    def retire(self, files: list[Path]) -> None:
        """Let files go that nobody needs any more, once no query that is running can still be reading them."""
        for path in files:
            self._leaving.setdefault(path, self.clock())

    def _publish(self) -> int:
        now = self.clock()
        if now - self._published_at < self.options.tail_s:
            return 0
        self._published_at = now
        last = publish_new_rows(self.ledger, self.path)
        if last is None:
            return 0
        self._unsettled.append((self.clock(), LEVELS[0], last))
        return 1

    def _settle(self) -> None:
        now = self.clock()
        due = [entry for entry in self._unsettled if now - entry[0] >= self._settles_in(entry[1])]
        for entry in due:
            _, level, last = entry
            mark_settled(self.path, level, last)
            self._unsettled.remove(entry)
            if level == LEVELS[0]:
                self._settled.append((now, last))

    def _settles_in(self, level: str) -> float:
        return self.options.settle_s if level == LEVELS[0] else self.options.settle_merged_s

    def _merge(self, level: str) -> int:
        options, place = self.options, LEVELS.index(level)
        period = (options.ten_s, options.part_s, options.hour_s, options.day_s)[place]
        now = self.clock()
        if now - self._merged_at[level] < period and len(waiting(self.path, level)) < MERGE_COUNT:
            return 0
        self._merged_at[level] = now
        last = merge(self.ledger, self.path, level, applied=self._applied())
        if last is None:
            return 0
        upper = LEVELS[place + 1]
        self._unsettled.append((self.clock(), upper, last))
        if upper in _TIDIED:
            for path in tidy_replaced(self.ledger, self.path):
                self._leaving.setdefault(path, now)
        return 1

    def _applied(self) -> int:
        """The sequence that readers have counted on for longer than any query is allowed to run."""
        long_ago = self.clock() - self.options.grace_s
        old = [entry for entry in self._settled if entry[0] <= long_ago]
        self._settled = old[-1:] + [entry for entry in self._settled if entry[0] > long_ago]
        return old[-1][1] if old else -1

    def _empty(self) -> None:
        now, grace_s = self.clock(), self.options.grace_s
        for path in covered_files(self.path):
            self._covered.setdefault(path, now)
        for path in [
            *_due(self._covered, now - min(self.options.empty_s, grace_s)),
            *_due(self._leaving, now - grace_s),
        ]:
            empty(path)
            self._emptied[path] = now
        for path in _due(self._emptied, now - grace_s):
            shrink(path)

    def lag(self) -> int:
        """Up to which sequence readers see the lake; -1 for nothing."""
        return settled_to(self.path, *LEVELS)


def _due(waiting: dict[Path, float], since: float) -> list[Path]:
    """Take out what has waited since then or longer."""
    due = [path for path, began in waiting.items() if began <= since]
    for path in due:
        del waiting[path]
    return due
