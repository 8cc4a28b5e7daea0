"""Delivers what waits in the outbox, at least once, as Standard Webhooks: signed, retried for a day, then given up.

Headers, signature, schedule and the meaning of 410 follow https://www.standardwebhooks.com.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from analytics.alerts.addresses import Target, target_of
from scalix.errors import DeliveryError
from scalix.failpoints import reached
from scalix.store.tables.alerts import channels, deliveries, outbox
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

RETRY_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits after each failed try, of which up to a fifth is added by chance."""
TIMEOUT_S = 15.0
MOST_ANSWER_BYTES = 64 * 1024
GONE = 410
AT_ONCE = 50
_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Answer:
    """What came of one try."""

    status: int | None
    error: str | None
    duration_us: int

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.status in _SUCCESS


def deliver_due(control: ControlStore, *, allow_private: bool) -> int:
    """Try every message that is due. Returns how many were delivered. Raises StoreError."""
    delivered = 0
    for row in _due(control):
        reached("delivery-before-send")
        answer = send(row.url, row.secret, row.message_id, row.payload, allow_private=allow_private)
        reached("delivery-between-send-and-mark")
        _mark(control, row, answer)
        reached("delivery-after-mark")
        delivered += answer.delivered
    return delivered


def send(url: str, secret: str, message_id: str, payload: str, *, allow_private: bool) -> Answer:
    """One try. Redirects are not followed, the answer's body is not kept, and nothing here raises."""
    began = time.monotonic_ns()
    status, error = None, None
    try:
        status = _post(target_of(url, allow_private=allow_private), _headers(secret, message_id, payload), payload)
        if status not in _SUCCESS:
            error = f"answered {status}"
    except (DeliveryError, httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    return Answer(status, error, (time.monotonic_ns() - began) // 1000)


def _headers(secret: str, message_id: str, payload: str) -> dict[str, str]:
    at = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "user-agent": "scalix",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, payload),
    }


def _post(target: Target, headers: dict[str, str], payload: str) -> int:
    """To the address that was checked, under the name that was given: a name may resolve to another one later."""
    address = f"[{target.address}]" if ":" in target.address else target.address
    url = httpx.URL(target.url).copy_with(host=address)
    named = {**headers, "host": httpx.URL(target.url).netloc.decode()}
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        request = client.build_request(
            "POST", url, content=payload.encode(), headers=named, extensions={"sni_hostname": target.host}
        )
        answer = client.send(request, stream=True)
        try:
            _read_some(answer)
        finally:
            answer.close()
    return answer.status_code


def _read_some(answer: httpx.Response) -> None:
    """A receiver that answers without end, or breaks off, is not waited for once its status is known."""
    read, until = 0, time.monotonic() + TIMEOUT_S
    for part in answer.iter_raw():
        read += len(part)
        if read > MOST_ANSWER_BYTES or time.monotonic() > until:
            return


def _due(control: ControlStore) -> list[Any]:
    wanted = (
        sa.select(outbox, channels.c.url, channels.c.secret)
        .join(channels, channels.c.name == outbox.c.channel)
        .where(outbox.c.state == "waiting", outbox.c.next_us <= now_us(), channels.c.disabled_because.is_(None))
        .order_by(outbox.c.next_us)
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
        next_us = at_us + _wait_us(tries) if state == "waiting" else at_us
        connection.execute(outbox.update().where(message).values(state=state, tries=tries, next_us=next_us))
        if answer.status == GONE:
            gone = channels.update().where(channels.c.name == row.channel)
            connection.execute(gone.values(disabled_because="its receiver answered 410 Gone"))


def _wait_us(tries: int) -> int:
    wait = RETRY_S[tries - 1] * (1 + random.random() / 5)  # noqa: S311 - spreads retries, keeps no secret
    return int(wait * MICROSECONDS)
