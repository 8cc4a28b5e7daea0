"""Token counts of others as disjoint classes: some count what was cached within the input, some beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analytics.imports.values import BadRecordError

if TYPE_CHECKING:
    from scalix.events import AttemptEvent


class Counts(msgspec.Struct, kw_only=True):
    """What somebody counted; ``given`` and ``produced`` with or without the classes after them."""

    given: int | None = None
    cache_read: int = 0
    cache_write: int = 0
    audio_in: int = 0
    produced: int | None = None
    reasoning: int = 0
    audio_out: int = 0
    total: int | None = None


def record_counts(event: AttemptEvent, counts: Counts, *, inclusive: bool) -> None:
    """Write the counts into the event, disjoint. Raises BadRecordError when a part is more than its whole.

    Where the total tells that the parts were counted beside the whole, or within it, that overrides ``inclusive``.
    """
    if counts.given is None and counts.produced is None:
        return
    parts_in = counts.cache_read + counts.cache_write + counts.audio_in
    parts_out = counts.reasoning + counts.audio_out
    given, produced = counts.given or 0, counts.produced or 0
    if counts.total is not None and parts_in + parts_out:
        inclusive = {given + produced: True, given + produced + parts_in + parts_out: False}.get(
            counts.total, inclusive
        )
    if inclusive:
        if parts_in > given or parts_out > produced:
            raise BadRecordError("more tokens were cached, heard or reasoned than there were")
        given, produced = given - parts_in, produced - parts_out
    event.input_tokens = None if counts.given is None else given
    event.output_tokens = None if counts.produced is None else produced
    event.cache_read_tokens = counts.cache_read or None
    event.cache_write_5m_tokens = counts.cache_write or None
    event.audio_input_tokens = counts.audio_in or None
    event.reasoning_tokens = counts.reasoning or None
    event.audio_output_tokens = counts.audio_out or None
    if given or produced or parts_in or parts_out:
        event.tokens_source = "reported"
    else:
        # Zeros all over are what is written where nothing was counted.
        event.input_tokens = event.output_tokens = None
