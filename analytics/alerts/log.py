"""What was told and what became of it: messages, every try to deliver them, and sending one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from scalix.errors import SettingsError
from scalix.store.tables.alerts import alert_history, alerts, deliveries, outbox
from scalix.times import now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore


def states(control: ControlStore) -> list[dict[str, Any]]:
    """Every alert there has been, the latest change first: rule, subject, threshold, window_us, state, since_us, …"""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(alerts).order_by(alerts.c.since_us.desc())).mappings()
        return [dict(row) for row in rows]


def history(control: ControlStore, most: int = 100) -> list[dict[str, Any]]:
    """The latest changes of state: at_us, rule, subject, threshold, window_us, state, message_id."""
    wanted = sa.select(alert_history).order_by(alert_history.c.at_us.desc()).limit(most)
    with control.transaction() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def messages(control: ControlStore, most: int = 100) -> list[dict[str, Any]]:
    """The latest messages with the outcome of their last try."""
    last = sa.select(
        deliveries.c.message_id,
        deliveries.c.channel,
        deliveries.c.status,
        deliveries.c.error,
        sa.func.row_number()
        .over(partition_by=[deliveries.c.message_id, deliveries.c.channel], order_by=deliveries.c.at_us.desc())
        .label("place"),
    ).subquery()
    joined = outbox.outerjoin(
        last,
        sa.and_(last.c.message_id == outbox.c.message_id, last.c.channel == outbox.c.channel, last.c.place == 1),
    )
    wanted = sa.select(outbox, last.c.status, last.c.error).select_from(joined)
    with control.transaction() as connection:
        rows = connection.execute(wanted.order_by(outbox.c.created_us.desc()).limit(most)).mappings()
        return [dict(row) for row in rows]


def tries(control: ControlStore, message_id: str) -> list[dict[str, Any]]:
    """Every try to deliver a message, in order: channel, at_us, duration_us, status, error."""
    wanted = sa.select(deliveries).where(deliveries.c.message_id == message_id).order_by(deliveries.c.at_us)
    with control.transaction() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def refuse_unknown(control: ControlStore, message_id: str) -> None:
    """Raise SettingsError for a message that is none. One whose channel was removed is known by its tries alone."""
    with control.transaction() as connection:
        for table in (outbox, deliveries):
            if connection.execute(sa.select(table.c.message_id).where(table.c.message_id == message_id)).first():
                return
    raise _no_message(message_id)


def replay(control: ControlStore, message_id: str) -> int:
    """Make a message due again for all its channels. Returns how many. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        again = outbox.update().where(outbox.c.message_id == message_id)
        count = connection.execute(again.values(state="waiting", next_us=now_us(), tries=0)).rowcount
    if not count:
        raise _no_message(message_id)
    return int(count)


def _no_message(message_id: str) -> SettingsError:
    return SettingsError(f"there is no message {message_id}; `scalix alert log` names them")
