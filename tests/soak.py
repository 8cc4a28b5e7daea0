"""How long the fault tests run: a short version in `make test`, the long one in `make soak` (SCALIX_SOAK=1)."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("SCALIX_SOAK"))


def at_length(short: int, long: int) -> int:
    """How often to repeat: ``short`` times as a rule, ``long`` times in a soak."""
    return long if SOAK else short
