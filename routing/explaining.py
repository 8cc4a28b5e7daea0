"""Recomputes recorded decisions: from the stored inputs alone, to the bit."""

from __future__ import annotations

import msgspec

from .policy import Decision, decide

_decode = msgspec.json.Decoder(Decision).decode


def explained(recorded: str) -> Decision:
    """The decision that the recorded inputs lead to. What was recorded as its outcome is not looked at."""
    given = _decode(recorded)
    return decide(given.candidates, given.policy, given.draw)


def matches(recorded: str) -> bool:
    """Whether the inputs lead to exactly the outcome that was recorded."""
    return explained(recorded) == _decode(recorded)
