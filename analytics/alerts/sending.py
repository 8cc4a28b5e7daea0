"""One try to hand a message to a channel: where to, which bytes, under which headers, and what came of it.

Redirects are not followed, addresses inside the house are refused, a deadline holds for the whole try, the answer's
body is not kept, and nothing that is secret gets into the outcome.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from analytics.alerts.addresses import Target, refuse_private, target_of
from analytics.alerts.payloads import chats, litellm, pagerduty
from analytics.alerts.payloads.summary import summaries
from scalix.errors import DeliveryError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

DEADLINE_S = 15.0
MOST_ANSWER_BYTES = 64 * 1024
LEAST_SECRET = 6
"""Shorter parts of a URL keep no secret, and occur in any text."""
MOST_WAIT_S = 86_400
"""The longest that a receiver may ask to be left alone."""
_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Address:
    """Where a channel is: its kind, and what is secret of it."""

    kind: str
    url: str
    secret: str


@dataclass(frozen=True)
class Answer:
    """What came of one try."""

    status: int | None
    error: str | None
    duration_us: int
    retry_after_s: int | None = None
    """How long the receiver asks to be left alone."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.status in _SUCCESS


def send(address: Address, message_id: str, payload: str, *, allow_private: bool) -> Answer:
    """One try. Nothing here raises."""
    began = time.monotonic_ns()
    status, error, retry_after_s = None, None, None
    try:
        status, retry_after_s = asyncio.run(_send(address, message_id, payload, allow_private=allow_private))
        if status not in _SUCCESS:
            error = f"answered {status}"
    except TimeoutError:
        error = f"no answer within {DEADLINE_S:.0f} s"
    except (DeliveryError, httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
        error = _without_secrets(f"{type(failure).__name__}: {failure}", address)
    return Answer(status, error, (time.monotonic_ns() - began) // 1000, retry_after_s)


async def _send(address: Address, message_id: str, payload: str, *, allow_private: bool) -> tuple[int, int | None]:
    async with asyncio.timeout(DEADLINE_S):
        if address.kind == "apprise":
            return await asyncio.to_thread(_notify, address, payload, allow_private=allow_private), None
        target = await asyncio.to_thread(target_of, address.url, allow_private=allow_private)
        status, wait = 200, None
        for body in _bodies(address, payload):
            status, wait = await _post(target, _headers(address, message_id, body), body)
            if status not in _SUCCESS:
                break
        return status, wait


def _bodies(address: Address, payload: str) -> list[str]:
    message = json.loads(payload)
    made: list[dict[str, Any]]
    match address.kind:
        case "slack":
            made = [chats.slack(summaries(message))]
        case "teams":
            made = [chats.teams(summaries(message))]
        case "discord":
            made = [chats.discord(summaries(message))]
        case "pagerduty":
            made = pagerduty.events(summaries(message), address.secret, message["timestamp"])
        case "litellm":
            made = litellm.events(message)
        case _:
            return [payload]
    return [json.dumps(one, ensure_ascii=False) for one in made]


def _headers(address: Address, message_id: str, body: str) -> dict[str, str]:
    plain = {"content-type": "application/json", "user-agent": "scalix"}
    if address.kind not in {"webhook", "litellm"}:
        return plain
    at = datetime.now(UTC)
    return {
        **plain,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(address.secret).sign(message_id, at, body),
    }


async def _post(target: Target, headers: Mapping[str, str], body: str) -> tuple[int, int | None]:
    """To the address that was checked, under the name that was given: a name may resolve to another one later."""
    numbers = f"[{target.address}]" if ":" in target.address else target.address
    url = httpx.URL(target.url).copy_with(host=numbers)
    named = {**headers, "host": httpx.URL(target.url).netloc.decode()}
    async with httpx.AsyncClient(
        timeout=DEADLINE_S, follow_redirects=False, trust_env=False, verify=_trusted()
    ) as client:
        request = client.build_request(
            "POST", url, content=body.encode(), headers=named, extensions={"sni_hostname": target.host}
        )
        answer = await client.send(request, stream=True)
        try:
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > MOST_ANSWER_BYTES:
                    break
        finally:
            await answer.aclose()
    return answer.status_code, _retry_after(answer.headers.get("retry-after", ""))


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that httpx trusts; reading them takes longer than a message does."""
    return httpx.create_ssl_context(trust_env=False)


def _retry_after(text: str) -> int | None:
    return min(int(text), MOST_WAIT_S) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - centuries


def apprise_plugin(url: str) -> Any:
    """What apprise sends to such a URL with; None when it knows none."""
    import apprise  # noqa: PLC0415 - heavy, and few have such a channel

    # Its log would hold the channel's URL.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise.Apprise.instantiate(url, asset=apprise.AppriseAsset(http_redirects=False), suppress_exceptions=True)


def _notify(address: Address, payload: str, *, allow_private: bool) -> int:
    """Over apprise: mail and all else that it knows. It says only whether it worked, so that is 200 or an error."""
    plugin = apprise_plugin(address.url)
    if plugin is None:
        raise DeliveryError("apprise does not know this kind of URL")
    if not allow_private:
        refuse_private(str(getattr(plugin, "smtp_host", None) or getattr(plugin, "host", None) or ""))
    alerts = summaries(json.loads(payload))
    title = alerts[0].title if len(alerts) == 1 else f"Scalix: {len(alerts)} alerts"
    text = "\n\n".join("\n".join([one.title, *one.lines]) for one in alerts)
    if not plugin.notify(body=text, title=title, body_format="text"):
        raise DeliveryError("apprise could not deliver it: check the channel's URL")
    return 200


def _without_secrets(text: str, address: Address) -> str:
    parts = urlsplit(address.url)
    hidden = {address.url, parts.path.strip("/"), parts.query, parts.password or "", address.secret}
    for one in sorted(hidden, key=len, reverse=True):
        if len(one) >= LEAST_SECRET:
            text = text.replace(one, "…")
    return text
