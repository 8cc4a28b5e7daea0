"""Named points at which a test ends the process, to see what a crash just there leaves behind."""

from __future__ import annotations

import os

VARIABLE = "SCALIX_FAIL_AT"


def reached(name: str) -> None:
    """End the process at once when the test asked for it here; otherwise do nothing."""
    if os.environ.get(VARIABLE) == name:
        os._exit(86)
