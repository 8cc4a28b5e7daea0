"""Who is behind a key, remembered: every call presents one, and the same ones come again and again.

All that is done to keys, people and budgets is noted in the history of changes, whichever process does it. What is
remembered carries the number of the last change before it was read, and the transaction that lets a call through
holds it against the last one there is, so a key that was just blocked opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.access import changes, keys
from analytics.access.pepper import digest
from scalix.times import now_us

if TYPE_CHECKING:
    from analytics.access.keys import Caller
    from scalix.store.control import ControlStore

MOST = 4096
"""So many at once. Keys are kept by digest, never as they are."""


class Callers:
    """Safe to use from any thread. ``remembered`` never waits; ``known`` reads the control store."""

    def __init__(self, control: ControlStore, pepper: bytes) -> None:
        self._control = control
        self._pepper = pepper
        self._found: dict[str, tuple[Caller, int]] = {}

    def remembered(self, key: str) -> tuple[Caller, int] | None:
        """Who a key belonged to when it was read last, and the change up to which that is true; for `Call.as_of`."""
        found = self._found.get(digest(self._pepper, key))
        return found if found is not None and found[0].holds(now_us()) else None

    def known(self, key: str) -> Caller | None:
        """As `keys.known`, and remembered. Raises StoreError."""
        with self._control.reading() as connection:
            number = changes.last_number(connection)
        caller, name = keys.known(self._control, self._pepper, key), digest(self._pepper, key)
        if caller is None:
            self._found.pop(name, None)
            return None
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[name] = caller, number
        return caller
