"""Moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

from scalix.errors import SettingsError


def moment_of(text: object) -> datetime | None:
    """A moment as typed; without a zone it is UTC. Raises SettingsError."""
    if text is None:
        return None
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise SettingsError(f"{text!r} is not a moment; give e.g. 2026-11-01 or 2026-11-01T08:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def span_of(since: object, until: object) -> tuple[datetime | None, datetime | None]:
    """A span as typed, open where nothing was. Raises SettingsError for one that holds no moment."""
    start, end = moment_of(since), moment_of(until)
    if start is not None and end is not None and not start < end:
        raise SettingsError(f"{since} to {until} is no span: give the earlier moment first")
    return start, end
