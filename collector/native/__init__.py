"""Lines of ordinary events by a compiled module, byte for byte those of the Python code and several times as fast.

Where it was not compiled everything works the same: each of its functions then gives None, as it does for whatever is
not ordinary. One that was compiled from other sources than those that lie here is passed over.
"""

from __future__ import annotations

from . import absent
from .fingerprint import FINGERPRINT

try:
    from . import ordinary

    COMPILED = ordinary.FINGERPRINT == FINGERPRINT
except ImportError:
    COMPILED = False
if not COMPILED:
    ordinary = absent  # type: ignore[misc]  # the same functions
__all__ = ["COMPILED", "absent", "ordinary"]
