"""How ingest goes about its work."""

from __future__ import annotations

from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class IngestOptions:
    """Durations in seconds of the hub's clock, sizes in bytes."""

    batch_bytes: int = 32 * _MEBIBYTE
    """The most of the spool that one transaction takes in; bounds memory whatever the backlog."""
    batches: int = 16
    """The most batches of one call; a longer backlog waits for the next."""
    close_open_after_s: float = 900
    """An attempt of which nothing more is heard ends as cancelled or abandoned."""
    close_ended_after_s: float = 1
    """An attempt that ended without LiteLLM's final event gets its row."""
    keep_events_s: float = 900
    """How long the events of a written attempt wait for a late one that could change it."""
    dead_after_s: float = 5
    """A segment whose lock is free and that has not grown for so long is finished."""
    archive_bytes: int = 2048 * _MEBIBYTE
    """The most that finished segments may take, compressed; the oldest go first."""
