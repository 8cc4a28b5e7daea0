"""Lines of ordinary events by a compiled module, byte for byte those of the Python code and several times as fast.

Where it was not compiled everything works the same: each of its functions then gives None, as it does for whatever is
not ordinary.
"""

from __future__ import annotations

from . import absent

try:
    from . import ordinary
except ImportError:
    ordinary = absent  # type: ignore[misc]  # the same functions

COMPILED = ordinary is not absent
__all__ = ["COMPILED", "absent", "ordinary"]
