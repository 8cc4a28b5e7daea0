"""How long after its end a call can be seen in the lake, watched by a reader while calls are made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.lake_reader import read_lake
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from scalix.folder import Folder

LOOK_EVERY_S = 0.2


class FreshnessWatch:
    """Looks into the lake again and again in a thread; each attempt counts when it is seen for the first time.

    An attempt closed for silence has no end and is left out. The pause between two looks is part of the figure.
    """

    def __init__(self, folder: Folder, since_us: int) -> None:
        self._folder = folder
        self._since_us = since_us
        self._seen_seq = -1
        self._delays_s: dict[tuple[str, int], float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="scalix-demo-freshness", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def percentile_s(self, share: float) -> float | None:
        """Seconds within which this share of the attempts could be seen; None when none was."""
        delays = sorted(self._delays_s.values())
        return delays[min(len(delays) - 1, int(share * len(delays)))] if delays else None

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self._look()
            except StoreError:
                continue  # the views are being put in place; the next look finds them

    def _look(self) -> None:
        bounds: dict[str, object] = {"seen": self._seen_seq, "since_us": self._since_us}
        rows = read_lake(self._folder.lake_views, sqlfiles.text("demo/new_attempts"), bounds)
        at_us = now_us()
        for row in rows:
            delay_s = (at_us - row["ended_us"]) / MICROSECONDS
            self._delays_s.setdefault((row["call_id_text"], row["started_us"]), delay_s)
            self._seen_seq = max(self._seen_seq, row["seq"])
