"""What is told of an alert: a message, its id, and the outbox rows that carry it to channels.

A message's id follows from what crossed in which window, so whoever works it out, and however often, it is the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.alerts.states import FIRING, NO_DATA, RESOLVED
from scalix.store.tables.alerts import channels, outbox
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analytics.alerts.rules import Rule
    from analytics.alerts.states import Finding, Step

_HELD = ("warning", "info", "error")
"""Severities that wait for the end of quiet hours."""


@dataclass(frozen=True)
class Telling:
    """One thing to tell: the step that an alert took, and what was found."""

    finding: Finding
    step: Step
    rule: Rule

    @property
    def state(self) -> str:
        """Of which the message is."""
        return self.step.tell or ""

    @property
    def alert_id(self) -> str:
        """One logical alert: the same from its crossing to its end, however often it is told."""
        return "alert_" + _hashed([*self.finding.key, self.step.known.window_us])

    @property
    def message_id(self) -> str:
        """One message of it."""
        known = self.step.known
        which = {FIRING: known.tellings, NO_DATA: known.since_us}.get(self.state, 0)
        return "msg_" + _hashed([*self.finding.key, known.window_us, self.state, which])

    @property
    def severity(self) -> str:
        """The finding's own, else the rule's."""
        return self.finding.severity or self.rule.severity

    @property
    def type(self) -> str:
        """As Standard Webhooks want it: dotted, without spaces."""
        again = self.state == FIRING and self.step.known.tellings > 1
        events = {FIRING: "still_firing" if again else self.finding.event, RESOLVED: "resolved", NO_DATA: "no_data"}
        return f"{self.rule.kind}.{events[self.state]}"

    def data(self) -> dict[str, Any]:
        """What the receiver gets to know. ``incident`` stays the same from window to window."""
        known = self.step.known
        return {
            "alert": self.alert_id,
            "incident": "incident_" + _hashed(list(self.finding.key)),
            "rule": self.finding.rule,
            "subject": self.finding.subject,
            "threshold": self.finding.threshold,
            "state": self.state,
            "severity": self.severity,
            "since": from_us(known.since_us).isoformat(),
            **self.finding.facts,
        }


def put_out(connection: sa.Connection, tellings: Iterable[Telling], *, now_us: int) -> int:
    """Write outbox rows for what is to be told; what is there already stays as it is. Returns how many were new."""
    known = connection.execute(sa.select(channels.c.name)).scalars().all()
    put = 0
    for message_id, payload, one in _messages(tellings, now_us):
        wanted = one.finding.channels or one.rule.channels
        receivers = [name for name in known if not wanted or name in wanted]
        due_us = _due_us(one, now_us)
        rows = [(message_id, name, payload, due_us) for name in receivers]
        put += sum(_enqueue(connection, *row, now_us=now_us) for row in rows)
    return put


def _messages(tellings: Iterable[Telling], now_us: int) -> list[tuple[str, str, Telling]]:
    """Id and payload of each message; what a rule groups goes together."""
    messages, groups = [], dict[tuple[object, ...], list[Telling]]()
    for one in tellings:
        if one.rule.group:
            groups.setdefault((one.rule.name, one.state, one.severity, one.finding.channels), []).append(one)
        else:
            messages.append((one.message_id, _payload(one.type, one.data(), now_us), one))
    for members in groups.values():
        first, ids = members[0], sorted(one.message_id for one in members)
        if len(members) == 1:
            messages.append((first.message_id, _payload(first.type, first.data(), now_us), first))
        else:
            data = {"rule": first.rule.name, "state": first.state, "alerts": [one.data() for one in members]}
            messages.append(("msg_" + _hashed(ids), _payload(f"{first.rule.kind}.group", data, now_us), first))
    return messages


def _payload(kind: str, data: dict[str, Any], now_us: int) -> str:
    return json.dumps({"type": kind, "timestamp": from_us(now_us).isoformat(), "data": data}, sort_keys=True)


def _due_us(one: Telling, now_us: int) -> int:
    """Now, or when the quiet hours end."""
    quiet = one.rule.quiet_until(from_us(now_us)) if one.severity in _HELD else None
    return to_us(quiet) if quiet else now_us


def _enqueue(
    connection: sa.Connection, message_id: str, channel: str, payload: str, due_us: int, *, now_us: int
) -> int:
    key = sa.and_(outbox.c.message_id == message_id, outbox.c.channel == channel)
    if connection.execute(sa.select(outbox.c.state).where(key)).first() is not None:
        return 0
    row = {"message_id": message_id, "channel": channel, "payload": payload, "created_us": now_us}
    connection.execute(outbox.insert().values(**row, next_us=due_us, tries=0, state="waiting"))
    return 1


def _hashed(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
