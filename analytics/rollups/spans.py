"""Which grain of a rollup answers for a span."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.filters import Filters


def grain_of(filters: Filters) -> str:
    """The coarsest grain that the span's stretches consist of."""
    day, hour = filters.bucket % timedelta(days=1), filters.bucket % timedelta(hours=1)
    return "minute" if hour else "hour" if day else "day"
