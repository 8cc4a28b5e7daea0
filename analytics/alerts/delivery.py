"""Delivers what waits in the outbox, at least once; what is not taken is tried again for days, then given up.

Schedule and the meaning of 410 follow https://www.standardwebhooks.com.
"""

from __future__ import annotations

import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.alerts.sending import Address, Answer, send
from scalix.errors import StoreError
from scalix.failpoints import reached
from scalix.store.tables.alerts import alert_history, channels, deliveries, outbox
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

RETRY_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits after each failed try, of which up to a fifth is added by chance."""
GONE = 410
AT_ONCE = 50
_log = logging.getLogger(__name__)
_KEPT_US = 90 * 86_400 * MICROSECONDS


@dataclass
class Courier:
    """Delivers to each channel in a thread of its own, so that a slow receiver keeps no other waiting."""

    control: ControlStore
    allow_private: bool
    _busy: set[str] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, "delivery"))

    def set_out(self) -> int:
        """Begin with every channel that something is due for. Returns how many those are. Raises StoreError."""
        names = channels_due(self.control)
        with self._guard:
            free = [name for name in names if name not in self._busy]
            self._busy.update(free)
        for name in free:
            self._pool.submit(self._deliver, name)
        return len(free)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, name: str) -> None:
        try:
            deliver_to(self.control, name, allow_private=self.allow_private)
        except StoreError as error:
            _log.error("nothing is delivered to %s for now: %s", name, error)
        finally:
            with self._guard:
                self._busy.discard(name)


def channels_due(control: ControlStore) -> list[str]:
    """The channels that a message is due for. Raises StoreError."""
    with control.transaction() as connection:
        return list(connection.execute(sa.select(outbox.c.channel).distinct().where(*_due())).scalars())


def deliver_due(control: ControlStore, *, allow_private: bool) -> int:
    """Try every message that is due, one after the other. Returns how many were delivered. Raises StoreError."""
    return sum(deliver_to(control, name, allow_private=allow_private) for name in channels_due(control))


def deliver_to(control: ControlStore, name: str, *, allow_private: bool) -> int:
    """Try what is due for one channel, in order, until it cannot be reached. Returns how many were delivered."""
    delivered = 0
    for row in _rows(control, name):
        reached("delivery-before-send")
        address = Address(row.kind, row.url, row.secret)
        answer = send(address, row.message_id, row.payload, allow_private=allow_private)
        reached("delivery-between-send-and-mark")
        _mark(control, row, answer)
        reached("delivery-after-mark")
        delivered += answer.delivered
        if answer.status in {None, GONE}:
            break
    return delivered


def forget_old(control: ControlStore) -> int:
    """Take out what was settled a quarter of a year ago. Returns how many rows. Raises StoreError."""
    old = now_us() - _KEPT_US
    settled = outbox.delete().where(outbox.c.created_us < old, outbox.c.state != "waiting")
    with control.transaction() as connection:
        return sum(
            int(connection.execute(one).rowcount)
            for one in (
                settled,
                deliveries.delete().where(deliveries.c.at_us < old),
                alert_history.delete().where(alert_history.c.at_us < old),
            )
        )


def _due() -> tuple[Any, ...]:
    open_channels = sa.select(channels.c.name).where(channels.c.disabled_because.is_(None))
    return outbox.c.state == "waiting", outbox.c.next_us <= now_us(), outbox.c.channel.in_(open_channels)


def _rows(control: ControlStore, name: str) -> list[Any]:
    wanted = (
        sa.select(outbox, channels.c.kind, channels.c.url, channels.c.secret)
        .join(channels, channels.c.name == outbox.c.channel)
        .where(outbox.c.channel == name, *_due())
        .order_by(outbox.c.next_us, outbox.c.created_us)
        .limit(AT_ONCE)
    )
    with control.transaction() as connection:
        return list(connection.execute(wanted).all())


def _mark(control: ControlStore, row: Any, answer: Answer) -> None:
    at_us, tries = now_us(), row.tries + 1
    message = sa.and_(outbox.c.message_id == row.message_id, outbox.c.channel == row.channel)
    with control.transaction() as connection:
        connection.execute(
            deliveries.insert().values(
                message_id=row.message_id,
                channel=row.channel,
                at_us=at_us,
                duration_us=answer.duration_us,
                status=answer.status,
                error=answer.error,
            )
        )
        state = "delivered" if answer.delivered else "waiting" if tries <= len(RETRY_S) else "given up"
        next_us = at_us + _wait_us(tries, answer) if state == "waiting" else at_us
        connection.execute(outbox.update().where(message).values(state=state, tries=tries, next_us=next_us))
        if answer.status == GONE:
            gone = channels.update().where(channels.c.name == row.channel)
            connection.execute(gone.values(disabled_because="its receiver answered 410 Gone"))


def _wait_us(tries: int, answer: Answer) -> int:
    wait = RETRY_S[tries - 1] * (1 + random.random() / 5)  # noqa: S311 - spreads retries, keeps no secret
    return int(max(wait, answer.retry_after_s or 0) * MICROSECONDS)
