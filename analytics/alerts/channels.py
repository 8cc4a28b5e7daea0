"""Channels: where alerts are told. Secrets are made here, shown once, and never listed."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import sqlalchemy as sa

from analytics.alerts.delivery import Answer, send
from scalix.errors import SettingsError
from scalix.store.tables.alerts import alert_states, channels, deliveries, outbox
from scalix.times import now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore


@dataclass(frozen=True)
class Channel:
    """One channel without what is secret of it: the path of a URL may be."""

    name: str
    kind: str
    host: str
    disabled_because: str | None


def add_webhook(control: ControlStore, name: str, url: str, secret: str | None = None) -> str:
    """Add a webhook and return its signing secret. Raises SettingsError for a name that is taken or a wrong URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{url} is no http or https URL")
    kept = secret or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with control.transaction() as connection:
        if connection.execute(sa.select(channels.c.name).where(channels.c.name == name)).first():
            raise SettingsError(f"there is a channel {name} already; remove it first")
        connection.execute(channels.insert().values(name=name, kind="webhook", url=url, secret=kept))
    return kept


def all_channels(control: ControlStore) -> list[Channel]:
    """Every channel, by name."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(channels).order_by(channels.c.name)).all()
    return [Channel(row.name, row.kind, urlsplit(row.url).hostname or "", row.disabled_because) for row in rows]


def remove(control: ControlStore, name: str) -> None:
    """Take a channel away with what waits for it. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if not connection.execute(channels.delete().where(channels.c.name == name)).rowcount:
            raise SettingsError(f"there is no channel {name}; `scalix alert list` names them")
        connection.execute(outbox.delete().where(outbox.c.channel == name, outbox.c.state == "waiting"))


def enable(control: ControlStore, name: str) -> None:
    """Deliver to a channel again that its receiver had called off. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        again = channels.update().where(channels.c.name == name).values(disabled_because=None)
        if not connection.execute(again).rowcount:
            raise SettingsError(f"there is no channel {name}; `scalix alert list` names them")


def test(control: ControlStore, name: str, *, allow_private: bool) -> Answer:
    """Send a message of type ``test`` at once. Raises SettingsError when there is no such channel."""
    with control.transaction() as connection:
        row = connection.execute(sa.select(channels).where(channels.c.name == name)).first()
    if row is None:
        raise SettingsError(f"there is no channel {name}; `scalix alert list` names them")
    payload = json.dumps({"type": "test", "timestamp": now_us(), "data": {"channel": name}})
    return send(row.url, row.secret, f"msg_test_{uuid4().hex}", payload, allow_private=allow_private)


def replay(control: ControlStore, message_id: str) -> int:
    """Make a message due again for all its channels. Returns how many. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        again = outbox.update().where(outbox.c.message_id == message_id)
        count = connection.execute(again.values(state="waiting", next_us=now_us(), tries=0)).rowcount
    if not count:
        raise SettingsError(f"there is no message {message_id}; `scalix alert log` names them")
    return int(count)


def states(control: ControlStore) -> list[dict[str, Any]]:
    """Every alert that has ever fired, the latest change first."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(alert_states).order_by(alert_states.c.changed_us.desc())).mappings()
        return [dict(row) for row in rows]


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
