"""Rules: what is watched, how soon it counts, how often it is told again, when it keeps quiet, and to whom it goes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import sqlalchemy as sa

from analytics.spend.asking import DIMENSIONS
from analytics.toml_tables import definitions_of
from scalix.errors import SettingsError
from scalix.store.tables.alerts import rules
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.store.control import ControlStore

Kind = Literal["budget", "objective", "quality", "anomaly", "sql"]
Severity = Literal["critical", "error", "warning", "info"]
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule. Durations are seconds."""

    name: str
    kind: Kind
    enabled: bool = True
    every_s: int = 60
    """Pause between two looks."""
    for_s: int = 0
    """How long it must hold before it fires; it is pending until then."""
    renotify_s: int = 0
    """After so long it is told again while it still fires; 0 is never."""
    group: bool = False
    """Whether all that begins to fire at one look is told in one message."""
    quiet: str = ""
    """Hours in which messages wait, such as ``22:00-07:00``; critical ones do not."""
    zone: str = "UTC"
    """Of the quiet hours."""
    tell_no_data: bool = False
    """Whether it is told when there is nothing left to judge by."""
    channels: tuple[str, ...] = ()
    """Where its alerts go, unless what it watches names others; without any, to every channel."""
    severity: Severity = "warning"
    measure: Literal["spend", "errors"] = "spend"
    """Of an anomaly: what is compared with its season."""
    by: str = "provider"
    """Of an anomaly: by which dimension; ``everything`` is one sum."""
    query: str = ""
    """Of a saved query: its name, or its SQL. A column ``subject`` tells rows apart; ``value`` is compared."""
    parameters: dict[str, str] = {}
    above: float | None = None
    """The row fires when its value is above; of data quality, the unpriced share; of an anomaly, its score."""
    below: float | None = None

    def quiet_until(self, at: datetime) -> datetime | None:
        """The end of the quiet hours that a moment lies in; None when it lies in none."""
        found = _QUIET.fullmatch(self.quiet)
        if not found:
            return None
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            last = day if begin < end else day + timedelta(days=1)
            since = datetime.combine(day, begin, zone).astimezone(UTC)
            until = datetime.combine(last, end, zone).astimezone(UTC)
            if since <= at < until:
                return until
        return None


BUILT_IN = (
    Rule(name="budget", kind="budget", every_s=1),
    Rule(name="objective", kind="objective", every_s=10, severity="error"),
    Rule(name="data-quality", kind="quality", for_s=120, above=0.05),
    Rule(name="spend-anomaly", kind="anomaly", every_s=300, measure="spend"),
    Rule(name="error-anomaly", kind="anomaly", every_s=60, measure="errors"),
)
"""What is watched from the first start. A stored rule of the same name takes the place of one of these."""


def checked(rule: Rule) -> Rule:
    """The rule itself. Raises SettingsError naming what cannot be."""
    where = f"rule {rule.name}"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", rule.name):
        raise SettingsError("a rule's name is made of up to 60 letters, digits, - and _")
    if rule.every_s < 1 or min(rule.for_s, rule.renotify_s) < 0:
        raise SettingsError(f"{where}: durations are whole seconds, every_s at least 1")
    if rule.quiet and not _QUIET.fullmatch(rule.quiet):
        raise SettingsError(f"{where}: quiet hours {rule.quiet} are written as 22:00-07:00")
    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"{where}: zone {rule.zone} is unknown: name one as Europe/Berlin") from error
    if rule.kind == "sql" and not rule.query.strip():
        raise SettingsError(f"{where}: name a saved query, or give its SQL, as query")
    if rule.kind == "anomaly" and rule.by not in {*DIMENSIONS, "everything"}:
        raise SettingsError(f"{where}: by {rule.by} is none of {', '.join(DIMENSIONS)}, everything")
    return rule


def all_rules(control: ControlStore) -> list[Rule]:
    """Every rule, built in or stored, by name. Raises StoreError."""
    with control.transaction() as connection:
        stored = connection.execute(sa.select(rules.c.definition)).scalars().all()
    named = {rule.name: rule for rule in (*BUILT_IN, *map(from_json, stored))}
    return [named[name] for name in sorted(named)]


def keep(control: ControlStore, rule: Rule) -> None:
    """Add a rule, or put it in the place of the one of its name. Raises SettingsError."""
    definition = msgspec.json.encode(checked(rule)).decode()
    with control.transaction() as connection:
        connection.execute(rules.delete().where(rules.c.name == rule.name))
        connection.execute(rules.insert().values(name=rule.name, definition=definition, changed_us=now_us()))


def remove(control: ControlStore, name: str) -> None:
    """Take a stored rule away; a built-in one is as it was made. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if not connection.execute(rules.delete().where(rules.c.name == name)).rowcount:
            raise SettingsError(f"no rule {name} was stored; `scalix alert rules list` names them")


def from_json(text: str | bytes) -> Rule:
    """A rule out of its JSON. Raises SettingsError."""
    try:
        return checked(msgspec.json.decode(text, type=Rule))
    except msgspec.MsgspecError as error:
        raise SettingsError(f"that is no rule: {error}") from error


def from_toml(path: Path) -> list[Rule]:
    """The ``[[rule]]`` tables of a file. Raises SettingsError."""
    return [checked(rule) for rule in definitions_of(path, "rule", Rule)]
