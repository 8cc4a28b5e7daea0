"""How long the fault tests run: a short version in `make test`, the long one in `make soak` (SCALIX_SOAK=1).

``SCALIX_SOAK=200`` takes at most 200 repetitions of each, for a machine with less time.
"""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("SCALIX_SOAK"))
_MOST = int(os.environ.get("SCALIX_SOAK") or 1)


def at_length(short: int, long: int) -> int:
    """How often to repeat: ``short`` times as a rule, ``long`` times in a soak, or as often as it allows."""
    if not SOAK:
        return short
    return long if _MOST == 1 else min(long, _MOST)
