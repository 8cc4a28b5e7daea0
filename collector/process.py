"""Who writes: the facts about this process that head each of its segments."""

from __future__ import annotations

import os
import platform
import re
import socket
import sys
from pathlib import Path
from uuid import uuid4

from scalix.events import ProcessEvent
from scalix.times import now_us

COLLECTOR_VERSION = "0.1.0"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NO_BOOT_ID = "0" * 32


def describe(process_id: str) -> ProcessEvent:
    """The header of a segment that this process begins now."""
    return ProcessEvent(
        at_us=now_us(),
        process_id=process_id,
        host=host(),
        pid=os.getpid(),
        boot_id=boot_id(),
        collector_version=COLLECTOR_VERSION,
        python_version=platform.python_version(),
        litellm_version=_litellm_version(),
    )


def new_process_id() -> str:
    """An id for one life of one process."""
    return str(uuid4())


def host() -> str:
    """The host's name, fit for a file name."""
    return re.sub(r"[^A-Za-z0-9.]+", "_", socket.gethostname())[:64] or "unknown"


def boot_id() -> str:
    """Linux's id of this boot; zeros where there is none."""
    try:
        return _BOOT_ID.read_text().strip().replace("-", "")
    except OSError:
        return _NO_BOOT_ID


def _litellm_version() -> str | None:
    # Looked up, never imported: whoever needs it has loaded it already.
    version = getattr(sys.modules.get("litellm._version"), "version", None)
    return version if isinstance(version, str) else None
