"""Recomputes recorded decisions: from the stored inputs alone, to the bit.

A record holds every input of its decision, policy included, so it needs neither the snapshot it names nor today's
policy. It needs the arithmetic it was made by, whose number it holds, too.
"""

from __future__ import annotations

import msgspec

from scalix.errors import UnexplainedError

from .deciding import decide
from .policy import RULES, Decision


class _Ruled(msgspec.Struct):
    rules: int = 1


_decode = msgspec.json.Decoder(Decision).decode
_decode_rules = msgspec.json.Decoder(_Ruled).decode


def decoded(recorded: str) -> Decision:
    """A recorded decision as it was written down. Raises UnexplainedError for what is none of this release's."""
    try:
        return _decode(recorded)
    except msgspec.MsgspecError as error:
        raise UnexplainedError(
            f"a recorded decision holds what this release of Scalix does not know ({error}): "
            "read it with the release that recorded it, or a newer one"
        ) from error


def explained(recorded: str) -> Decision:
    """The decision that the recorded inputs lead to. What was recorded as its outcome is not looked at.

    Raises UnexplainedError when it was made by rules that this release does not follow.
    """
    rules = _rules(recorded)
    if rules != RULES:
        raise UnexplainedError(
            f"this decision was made by rules {rules} of routing, and this release of Scalix follows rules {RULES}: "
            f"explain it with a release whose routing/policy.py says RULES = {rules}"
        )
    given = decoded(recorded)
    return decide(given.asked, given.candidates, given.policy, given.draw)


def matches(recorded: str) -> bool:
    """Whether the inputs lead to exactly the outcome that was recorded. Raises UnexplainedError as `explained` does."""
    return explained(recorded) == decoded(recorded)


def _rules(recorded: str) -> int:
    try:
        return _decode_rules(recorded).rules
    except msgspec.MsgspecError as error:
        raise UnexplainedError(f"a recorded decision is no JSON of a decision ({error}): it was altered") from error
