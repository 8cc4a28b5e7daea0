"""Silences: for a while nothing is told of what somebody knows about already, for a reason that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from scalix.errors import SettingsError
from scalix.store.tables.alerts import silences
from scalix.times import now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore


@dataclass(frozen=True)
class Silence:
    """For rules and subjects that match, with ``*`` for anything. Moments are microseconds since 1970."""

    id: str
    rule: str
    subject: str
    from_us: int
    until_us: int
    reason: str
    made_by: str | None

    def covers(self, rule: str, subject: str, at_us: int) -> bool:
        """Whether nothing is to be told of this now."""
        wanted = fnmatchcase(rule, self.rule) and fnmatchcase(subject, self.subject)
        return wanted and self.from_us <= at_us < self.until_us


def silence(
    control: ControlStore, rule: str, subject: str, *, seconds: float, reason: str, made_by: str | None
) -> Silence:
    """Begin a silence now. Raises SettingsError without a reason or a length."""
    if not reason.strip():
        raise SettingsError("a silence needs a reason: whoever finds it must know why")
    if seconds <= 0:
        raise SettingsError("a silence must last a while: give seconds above 0")
    at_us = now_us()
    made = Silence(uuid4().hex[:8], rule, subject, at_us, at_us + int(seconds * 1_000_000), reason.strip(), made_by)
    with control.transaction() as connection:
        connection.execute(silences.insert().values(**vars(made)))
    return made


def end(control: ControlStore, silence_id: str) -> None:
    """End a silence now; it stays in the list. Raises SettingsError when there is none that lasts."""
    ongoing = sa.and_(silences.c.id == silence_id, silences.c.until_us > now_us())
    with control.transaction() as connection:
        if not connection.execute(silences.update().where(ongoing).values(until_us=now_us())).rowcount:
            raise SettingsError(f"no silence {silence_id} is going on; `scalix alert silences` names them")


def all_silences(control: ControlStore) -> list[Silence]:
    """Every silence, the latest first."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(silences).order_by(silences.c.from_us.desc())).mappings().all()
    return [Silence(**row) for row in rows]


def ongoing(connection: sa.Connection, at_us: int) -> list[Silence]:
    """Those that hold at a moment, inside somebody's transaction."""
    rows = connection.execute(sa.select(silences).where(silences.c.until_us > at_us)).mappings()
    return [Silence(**row) for row in rows]
