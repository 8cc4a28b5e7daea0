"""What a page is asked to show: a span of time and, within it, chosen providers, models, teams and so on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from scalix.times import EPOCH

MOST_CHOICES = 100
"""How many values one filter may hold."""
MOST_BUCKETS = 100
"""How many stretches of time a chart may have."""
_LONGEST = timedelta(days=366 * 5)
_WIDTHS = [
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 7, 28)),
]


@dataclass(frozen=True)
class Filters:
    """A span of time (start included, end not) and the values to keep; an empty tuple keeps all.

    Raises ValueError for a naive or empty span, one of more than five years, and more than ``MOST_CHOICES`` values.
    """

    start: datetime
    end: datetime
    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    model_groups: tuple[str, ...] = ()
    deployments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Matches the user of the call and the end user alike."""
    tags: tuple[str, ...] = ()
    """Attempts that carry any of them."""

    def __post_init__(self) -> None:
        """Refuse what no query should be asked."""
        for moment in (self.start, self.end):
            if moment.tzinfo is None:
                raise ValueError(f"time without a zone: {moment.isoformat()}; give it one")
        if not timedelta(0) < self.end - self.start <= _LONGEST:
            raise ValueError(f"{self.start.isoformat()} to {self.end.isoformat()} is not a span of up to five years")
        for name in FACETS:
            if len(getattr(self, name)) > MOST_CHOICES:
                raise ValueError(f"more than {MOST_CHOICES} {name}: choose fewer")

    @property
    def span(self) -> timedelta:
        """How long the period is."""
        return self.end - self.start

    @property
    def previous_start(self) -> datetime:
        """Where the equal period before this one begins; it ends where this one starts."""
        return self.start - self.span

    @property
    def bucket(self) -> timedelta:
        """The narrowest stretch that cuts the span into no more than ``MOST_BUCKETS``."""
        return next((width for width in _WIDTHS if self.span <= width * MOST_BUCKETS), _WIDTHS[-1])

    @property
    def first_bucket(self) -> datetime:
        """Start of the stretch that holds the start; stretches are counted from 1970 in UTC."""
        return self.start - (self.start - EPOCH) % self.bucket

    def parameters(self) -> dict[str, object]:
        """Everything as parameters to bind, by the names the queries use."""
        return {
            "start": self.start,
            "end": self.end,
            "previous_start": self.previous_start,
            "width_us": self.bucket // timedelta(microseconds=1),
            **{name: list(getattr(self, name)) for name in FACETS},
        }


FACETS = tuple(field.name for field in fields(Filters) if field.name not in {"start", "end"})
"""The names of the filters, in the order in which a page offers them."""
