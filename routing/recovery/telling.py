"""Makes a failed request's exception say what happened: class kept, message plain, with its chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .messages import history, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .chain import Attempt

ATTRIBUTE = "scalix_failure"


@dataclass(frozen=True)
class Failure:
    """What became of a request that nobody answered. It hangs on the exception as ``scalix_failure``."""

    kind: str
    message: str
    """For people: one sentence."""
    attempts: tuple[Attempt, ...]
    """All that was tried, in order."""
    cause: str
    """LiteLLM's own message."""


def tell(
    error: Any, kind: str, attempts: Sequence[Attempt], retry_after_s: float | None = None, hint: str | None = None
) -> Failure:
    """Put the plain message, the chain and the cause into the exception, once. Its class stays.

    Without attempts nobody was asked, whatever the exception's kind; ``hint`` says why, where it is known.
    """
    known: Failure | None = getattr(error, ATTRIBUTE, None)
    if known is not None:
        return known
    provider = attempts[-1].provider if attempts else str(getattr(error, "llm_provider", None) or "")
    cause = str(getattr(error, "message", None) or error)
    if not attempts:
        kind = "rejected"
    message = hint if hint and not attempts else plain(kind, provider, retry_after_s)
    failure = Failure(kind, message, tuple(attempts), cause)
    setattr(error, ATTRIBUTE, failure)
    if hasattr(error, "message"):
        error.message = _text(failure)
    return failure


def _text(failure: Failure) -> str:
    lines = [failure.message]
    if len(failure.attempts) > 1:
        lines += [f"All {len(failure.attempts)} attempts failed:", history(failure.attempts)]
    return "\n".join([*lines, f"Cause: {failure.cause}"])
