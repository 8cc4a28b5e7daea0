"""The one place that catches everything: whatever goes wrong in our code, the caller's call goes on."""

from __future__ import annotations

import logging
import threading
import traceback
from asyncio import CancelledError
from typing import TYPE_CHECKING

from .scrub import scrubbed

if TYPE_CHECKING:
    from types import TracebackType

logger = logging.getLogger("scalix.collector")

# A signal handler of the host may raise these inside our code; they are the host's to handle, never ours to swallow.
_NOT_OURS = (KeyboardInterrupt, SystemExit, GeneratorExit, CancelledError)


class Guard:
    """A context manager that counts and swallows errors; the first of each class is logged.

    With ``reraise`` set, which only tests do, errors come through.
    """

    def __init__(self) -> None:
        self.errors = 0
        self.last_error: str | None = None
        self.reraise = False
        self._logged: set[type[BaseException]] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Nothing is set up, so that entering costs next to nothing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return error is not None and self.swallows(error)

    def swallows(self, error: BaseException) -> bool:
        """Whether an error is ours to keep from the caller; then it is counted, and logged if the first of its class.

        For hooks that spell out `try`, which takes half the time of entering and leaving a context.
        """
        if isinstance(error, _NOT_OURS):
            return False
        self._count(error)
        return not self.reraise

    def _count(self, error: BaseException) -> None:
        kind = type(error)
        with self._lock:
            self.errors += 1
            # This spelling survives an error whose own text raises.
            self.last_error = scrubbed(traceback.format_exception_only(error)[-1].strip())
            first = kind not in self._logged
            self._logged.add(kind)
        if first:
            logger.error(
                "Scalix could not record something (%s); your call is not affected. Further errors of this class "
                "are counted, not logged.",
                self.last_error,
            )

    def after_fork(self) -> None:
        """Start counting anew in a forked child, whose parent reports its own errors."""
        self._lock = threading.Lock()
        self.errors = 0
        self.last_error = None


guard = Guard()
