"""Facts that people make, prices and budgets among them, go the way of everything else: over the spool.

So segments and lake alone rebuild a ledger.
"""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from collector import process
from collector.segment import create
from scalix.errors import SpoolError
from scalix.events import to_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scalix.events import RareEvent


def put_on_spool(spool: Path, events: Sequence[RareEvent]) -> None:
    """Write what people decided into a segment of its own, for the hub to take in. Raises SpoolError."""
    header = process.describe(process.new_process_id())
    try:
        segment = create(spool, f"{process.host()}-{process.boot_id()[:8]}", to_line(header))
        try:
            segment.append(b"".join(map(to_line, events)))
        finally:
            segment.close()
    except OSError as error:
        raise SpoolError(f"nothing can be written to {spool}: {error}") from error


def who() -> str | None:
    """The name of the person at work, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
