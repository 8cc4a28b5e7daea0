"""Channels: where alerts are told. Secrets are made here, shown once, and never listed."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args
from typing import Literal as OneOf
from urllib.parse import urlsplit
from uuid import uuid4

import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from analytics.alerts.payloads import pagerduty
from analytics.alerts.sending import Address, Answer, apprise_plugin, send
from scalix.errors import SettingsError
from scalix.store.tables.alerts import channels, outbox
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Collection

    from scalix.store.control import ControlStore

Kind = OneOf["webhook", "litellm", "slack", "teams", "discord", "pagerduty", "apprise"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SIGNED = ("webhook", "litellm")
_BY_HOST: tuple[tuple[str, Kind], ...] = (
    ("hooks.slack.com", "slack"),
    ("discord.com", "discord"),
    ("discordapp.com", "discord"),
    ("logic.azure.com", "teams"),
    ("api.powerplatform.com", "teams"),
    ("webhook.office.com", "teams"),
    ("events.pagerduty.com", "pagerduty"),
)


@dataclass(frozen=True)
class Channel:
    """One channel without what is secret of it: the path of a URL may be, and all of apprise's."""

    name: str
    kind: str
    host: str
    disabled_because: str | None


def add(control: ControlStore, name: str, url: str, *, kind: Kind | None = None, secret: str | None = None) -> str:
    """Add a channel and return its secret: the key that signs a webhook, PagerDuty's routing key, else nothing.

    Without a kind, the URL tells. Raises SettingsError for a name that is taken, or what cannot be such a channel.
    """
    chosen = kind or kind_of(url)
    where = pagerduty.URL if chosen == "pagerduty" and not url else url
    kept = _secret(chosen, where, secret)
    with control.transaction() as connection:
        if connection.execute(sa.select(channels.c.name).where(channels.c.name == name)).first():
            raise SettingsError(f"there is a channel {name} already; remove it first")
        connection.execute(channels.insert().values(name=name, kind=chosen, url=where, secret=kept))
    return kept


def kind_of(url: str) -> Kind:
    """Which kind of channel a URL is of: well-known hosts, other http URLs as webhooks, all else through apprise."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return "apprise"
    host = parts.hostname or ""
    return next((kind for known, kind in _BY_HOST if host == known or host.endswith("." + known)), "webhook")


def _secret(kind: Kind, url: str, given: str | None) -> str:
    if kind == "apprise":
        _refuse_unknown(url)
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"a channel of kind {kind} needs an http or https URL")
    if kind == "pagerduty" and not given:
        raise SettingsError("a channel to PagerDuty needs the integration's routing key: give it with --secret")
    if kind not in SIGNED:
        return given or ""
    kept = given or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    try:
        Webhook(kept)
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            "a signing secret is whsec_ and at least 24 bytes in base64; leave it out to get one"
        ) from error
    return kept


def _refuse_unknown(url: str) -> None:
    """What follows the scheme may be secret, so it is not repeated."""
    if apprise_plugin(url) is None:
        scheme, found, _ = url.partition("://")
        raise SettingsError(
            f"{f'{scheme}://…' if found else repr(url)} is no URL that apprise knows: give https://…, "
            "or one of https://github.com/caronc/apprise, such as mailto://user:password@example.com"
        )


def all_channels(control: ControlStore) -> list[Channel]:
    """Every channel, by name."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(channels).order_by(channels.c.name)).all()
    return [Channel(row.name, row.kind, _shown(row.kind, row.url), row.disabled_because) for row in rows]


def unheard(control: ControlStore, what: str, names: Collection[str]) -> list[str]:
    """What to warn of: names under which there is no channel. One may still be added. Raises StoreError."""
    if not names:
        return []
    known = [one.name for one in all_channels(control)]
    return [
        f"{what} tells {name}, which is no channel (there are: {', '.join(known) or 'none'}); "
        f"nothing reaches it until `scalix alert add {name} URL`"
        for name in names
        if name not in known
    ]


def remove(control: ControlStore, name: str) -> None:
    """Take a channel away with what waits for it. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if not connection.execute(channels.delete().where(channels.c.name == name)).rowcount:
            raise _no_channel(name)
        connection.execute(outbox.delete().where(outbox.c.channel == name, outbox.c.state == "waiting"))


def enable(control: ControlStore, name: str) -> None:
    """Deliver to a channel again that its receiver had called off. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        again = channels.update().where(channels.c.name == name).values(disabled_because=None)
        if not connection.execute(again).rowcount:
            raise _no_channel(name)


def test(control: ControlStore, name: str, *, allow_private: bool) -> Answer:
    """Send a message of type ``test`` at once; an incident that it opens is closed. Raises SettingsError."""
    with control.transaction() as connection:
        row = connection.execute(sa.select(channels).where(channels.c.name == name)).first()
    if row is None:
        raise _no_channel(name)
    address = Address(row.kind, row.url, row.secret)
    message_id = uuid4().hex
    answer = None
    for state in ("firing", "resolved") if row.kind == "pagerduty" else ("firing",):
        data = {"channel": name, "state": state, "severity": "info", "incident": f"test_{message_id}"}
        payload = json.dumps({"type": "test", "timestamp": now().isoformat(), "data": data})
        answer = send(address, f"msg_test_{message_id}", payload, allow_private=allow_private)
        if not answer.delivered:
            break
    assert answer is not None  # noqa: S101 - there is a state to send in either case
    return answer


def _shown(kind: str, url: str) -> str:
    parts = urlsplit(url)
    return parts.scheme if kind == "apprise" else parts.hostname or ""


def _no_channel(name: str) -> SettingsError:
    return SettingsError(f"there is no channel {name}; `scalix alert list` names them")
