"""Settles what was found: each alert's state, its history and the messages it is told by, in one transaction.

So whatever crashes, a crossing is told, and told under one id.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.alerts import silences
from analytics.alerts.messages import Telling, put_out
from analytics.alerts.states import ACTIVE, NO_DATA, PENDING, Finding, Known, following
from scalix.failpoints import reached
from scalix.store.tables.alerts import alert_history, alerts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analytics.alerts.rules import Rule
    from analytics.alerts.silences import Silence
    from scalix.store.control import ControlStore


def settle(control: ControlStore, rule: Rule, findings: Sequence[Finding], *, now_us: int) -> int:
    """Bring a rule's alerts up to all that it finds now, and put out what is to be told. Returns how many messages.

    An alert of which nothing is found any more, because what it watched is gone, ends. Raises StoreError.
    """
    with control.transaction() as connection:
        known = _known(connection, rule.name)
        quiet = silences.ongoing(connection, now_us)
        found = [*findings, *_gone(known, findings)]
        changes = [one for finding in found if (one := _change(known.get(finding.key), finding, rule, quiet, now_us))]
        if not changes:
            return 0
        reached("alert-before-state")
        for change in changes:
            _write(connection, change, now_us)
        reached("alert-between-state-and-outbox")
        told = put_out(connection, (one for one in changes if one.step.tell), now_us=now_us)
        reached("alert-before-commit")
    reached("alert-after-commit")
    return told


def _known(connection: sa.Connection, rule: str) -> dict[tuple[str, str, str], Known]:
    rows = connection.execute(sa.select(alerts).where(alerts.c.rule == rule))
    return {
        (row.rule, row.subject, row.threshold): Known(row.window_us, row.state, row.since_us, row.tellings, row.told_us)
        for row in rows
    }


def _gone(known: dict[tuple[str, str, str], Known], findings: Iterable[Finding]) -> list[Finding]:
    """What was alerted of and is no longer looked at: a budget that was removed, a threshold, a query's row."""
    seen = {finding.key for finding in findings}
    return [
        Finding(*key, crossed=False, window_us=one.window_us, facts={"because": "it is no longer watched"})
        for key, one in known.items()
        if key not in seen and one.state in {*ACTIVE, PENDING, NO_DATA}
    ]


def _change(known: Known | None, finding: Finding, rule: Rule, quiet: list[Silence], now_us: int) -> Telling | None:
    silenced = any(one.covers(finding.rule, finding.subject, now_us) for one in quiet)
    step = following(known, finding, rule, now_us, silenced=silenced)
    return None if step is None else Telling(finding, step, rule)


def _write(connection: sa.Connection, change: Telling, now_us: int) -> None:
    rule, subject, threshold = change.finding.key
    identity = {"rule": rule, "subject": subject, "threshold": threshold}
    known = change.step.known
    values: dict[str, Any] = {**asdict(known), "facts": json.dumps(change.finding.facts, sort_keys=True)}
    key = sa.and_(*(alerts.c[name] == value for name, value in identity.items()))
    if not connection.execute(alerts.update().where(key).values(**values)).rowcount:
        connection.execute(alerts.insert().values(**identity, **values))
    message_id = change.message_id if change.step.tell else None
    line = {"at_us": now_us, "window_us": known.window_us, "state": known.state, "message_id": message_id}
    connection.execute(alert_history.insert().values(**identity, **line))
