"""The clocks of one process: the wall's, which may jump, and one that only goes forward while the machine is up."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from scalix import times

if TYPE_CHECKING:
    from collections.abc import Callable

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def _boot() -> str:
    """What tells apart the runs of machines, whose monotonic clocks cannot be compared."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return uuid4().hex


@dataclass(frozen=True)
class Clock:
    """``now_us`` decides about windows and expiry, ``mono_us`` about the age of calls."""

    now_us: Callable[[], int] = times.now_us
    mono_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000
    boot: str = field(default_factory=_boot)
