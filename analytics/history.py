"""Since when calls are on record, and whether that is long enough to compare a period with the equal one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.reading import answer

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters
    from analytics.reading import Readable

MAY_MISS = 100
"""A record may begin after the period before does, by this part of its length: calls are not made all the time."""


def recorded_since(ledger: Readable | None = None) -> datetime | None:
    """When the first attempt in the ledger started; None when it holds none."""
    return _since("attempts_since", ledger)


def spending_since(ledger: Readable | None = None) -> datetime | None:
    """The same for spending, which stays known by the day when its attempts are taken away after their time."""
    return _since("spending_since", ledger)


def began_too_late(filters: Filters, since: datetime | None) -> datetime | None:
    """The start of a record that lacks more than a little of the period before this one; None where it does not.

    What a period has more than such a one says when recording began, and nothing about calls.
    """
    latest = filters.previous_start + filters.span / MAY_MISS
    return since if since is not None and since > latest else None


def _since(what: str, ledger: Readable | None) -> datetime | None:
    since: datetime | None = answer("recorded_since", {}, ledger)[what].item()
    return since
