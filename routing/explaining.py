"""Recomputes recorded decisions: from the stored inputs alone, to the bit."""

from __future__ import annotations

import msgspec

from .deciding import decide
from .policy import Decision

decoded = msgspec.json.Decoder(Decision).decode
"""A recorded decision as it was written down."""


def explained(recorded: str) -> Decision:
    """The decision that the recorded inputs lead to. What was recorded as its outcome is not looked at."""
    given = decoded(recorded)
    return decide(given.asked, given.candidates, given.policy, given.draw)


def matches(recorded: str) -> bool:
    """Whether the inputs lead to exactly the outcome that was recorded."""
    return explained(recorded) == decoded(recorded)
