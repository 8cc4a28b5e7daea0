"""Time in one place: UTC, aware, whole microseconds. Naive datetimes are refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS = 1_000_000


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """The present moment in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def from_us(microseconds: int) -> datetime:
    """Microseconds since 1970 as an aware datetime, exact to the last digit."""
    return EPOCH + timedelta(microseconds=microseconds)


def to_us(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {moment.isoformat()}; give it one, e.g. .replace(tzinfo=UTC)")
    return (moment - EPOCH) // timedelta(microseconds=1)
