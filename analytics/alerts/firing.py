"""The state machine of alerts: one row for each rule, subject and threshold, changed together with what it has to tell.

State and messages are written in one transaction of the control store, and a message's id follows from what crossed in
which window; so whatever crashes, a crossing is told once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from scalix.failpoints import reached
from scalix.store.tables.alerts import alert_states, channels, outbox

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

FIRING, RESOLVED = "firing", "resolved"


@dataclass(frozen=True)
class Finding:
    """What a rule finds of one subject and threshold now. A window is crossed at most once; rolling ones have none."""

    rule: str
    subject: str
    threshold: str
    crossed: bool
    window_us: int | None
    """Start of the calendar's window; None for a rolling one, which can be crossed again after it has recovered."""
    facts: dict[str, Any]
    channels: tuple[str, ...] = ()


def settle(control: ControlStore, findings: list[Finding], *, now_us: int) -> int:
    """Bring the states up to what was found, and put what changed into the outbox. Returns how many messages."""
    return sum(_settle(control, finding, now_us) for finding in findings)


def _settle(control: ControlStore, finding: Finding, now_us: int) -> int:
    key = sa.and_(
        alert_states.c.rule == finding.rule,
        alert_states.c.subject == finding.subject,
        alert_states.c.threshold == finding.threshold,
    )
    with control.transaction() as connection:
        before = connection.execute(sa.select(alert_states.c.window_us, alert_states.c.state).where(key)).first()
        after = _next(before, finding, now_us)
        if after is None:
            return 0
        window_us, state = after
        reached("alert-before-state")
        values = {"window_us": window_us, "state": state, "changed_us": now_us}
        if before is None:
            identity = {"rule": finding.rule, "subject": finding.subject, "threshold": finding.threshold}
            connection.execute(alert_states.insert().values(**identity, **values))
        else:
            connection.execute(alert_states.update().where(key).values(**values))
        reached("alert-between-state-and-outbox")
        told = _tell(connection, finding, window_us, state, now_us)
        reached("alert-before-commit")
    reached("alert-after-commit")
    return told


def _next(before: Any, finding: Finding, now_us: int) -> tuple[int, str] | None:
    """The state that follows, with its window; None when nothing changes."""
    window_us = now_us if finding.window_us is None else finding.window_us
    if before is None:
        return (window_us, FIRING) if finding.crossed else None
    same_window = finding.window_us is None or before.window_us == window_us
    if finding.crossed:
        return None if before.state == FIRING and same_window else _unless_told(before, finding, window_us)
    return (before.window_us, RESOLVED) if before.state == FIRING else None


def _unless_told(before: Any, finding: Finding, window_us: int) -> tuple[int, str] | None:
    """A calendar's window that was crossed, undone by a repricing and crossed again was told already."""
    told = finding.window_us is not None and before.window_us == window_us
    return None if told else (window_us, FIRING)


def _tell(connection: sa.Connection, finding: Finding, window_us: int, state: str, now_us: int) -> int:
    message_id = message_id_of(finding, window_us, state)
    payload = {
        "type": f"{finding.rule}.{'threshold_reached' if state == FIRING else 'resolved'}",
        "timestamp": now_us,
        "data": {
            "rule": finding.rule,
            "subject": finding.subject,
            "threshold": finding.threshold,
            "state": state,
            **finding.facts,
        },
    }
    named = sa.select(channels.c.name)
    if finding.channels:
        named = named.where(channels.c.name.in_(finding.channels))
    receivers = connection.execute(named).scalars().all()
    for receiver in receivers:
        enqueue(connection, message_id, receiver, payload, now_us=now_us)
    return len(receivers)


def enqueue(connection: sa.Connection, message_id: str, channel: str, payload: dict[str, Any], *, now_us: int) -> None:
    """Put a message for one channel into the outbox, due at once; one that is there already stays as it is."""
    key = sa.and_(outbox.c.message_id == message_id, outbox.c.channel == channel)
    if connection.execute(sa.select(outbox.c.state).where(key)).first() is None:
        connection.execute(
            outbox.insert().values(
                message_id=message_id,
                channel=channel,
                payload=json.dumps(payload, sort_keys=True),
                created_us=now_us,
                next_us=now_us,
                tries=0,
                state="waiting",
            )
        )


def message_id_of(finding: Finding, window_us: int, state: str) -> str:
    """The same for the same crossing, whoever works it out and however often."""
    told = json.dumps([finding.rule, finding.subject, finding.threshold, window_us, state])
    return "msg_" + hashlib.sha256(told.encode()).hexdigest()[:32]
