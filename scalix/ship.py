"""`scalix ship`: sends a local spool to a hub elsewhere and deletes only what that hub has acknowledged.

The hub knows how far it has each segment, so nothing is remembered here: a sender that starts anew asks by sending no
bytes from offset 0.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from analytics.intake.segments import discover
from scalix.errors import ScalixError, SettingsError, SpoolError
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.intake.segments import Segment

CHUNK_BYTES = 2**20
POLL_S = 0.5
QUIET_S = 5
"""A segment whose lock is free and that has not grown for so long is finished."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
TIMEOUT_S = 30.0
_log = logging.getLogger(__name__)


class NotAcknowledgedError(SpoolError):
    """The hub could not be reached, or could not take the bytes; they are sent again later."""


@dataclass
class Shipper:
    """Sends the segments of one spool to one hub."""

    spool: Path
    client: httpx.Client
    quiet_s: float = QUIET_S
    _acknowledged: dict[str, int] = field(default_factory=dict)

    def step(self) -> int:
        """Send what there is beyond what was acknowledged, delete what is finished. Returns the bytes sent.

        Raises NotAcknowledgedError when the hub did not take something, ScalixError when it never will.
        """
        return sum(self._send(segment) for segment in discover(self.spool))

    def _send(self, segment: Segment) -> int:
        sent = 0
        position = self._acknowledged.get(segment.name)
        if position is None:
            position = self._post(segment.name, 0, b"")
        with segment.path.open("rb") as file:
            while position < segment.size:
                file.seek(position)
                data = file.read(min(CHUNK_BYTES, segment.size - position))
                position = self._post(segment.name, position, data)
                sent += len(data)
        if self._finished(segment) and position >= segment.size:
            self._post(segment.name, position, b"", final=True)
            segment.path.unlink()
            self._acknowledged.pop(segment.name, None)
        return sent

    def _finished(self, segment: Segment) -> bool:
        return not segment.held and segment.modified_us < now_us() - self.quiet_s * MICROSECONDS

    def _post(self, name: str, offset: int, data: bytes, *, final: bool = False) -> int:
        """Send bytes; returns the offset from which to go on."""
        parameters = {"offset": str(offset), **({"final": "1"} if final else {})}
        try:
            answer = self.client.post(f"/v1/ingest/segments/{name}", params=parameters, content=data)
        except httpx.HTTPError as error:
            raise NotAcknowledgedError(f"{self.client.base_url} does not answer: {error}") from error
        if answer.status_code in {401, 403}:
            raise ScalixError(f"{self.client.base_url} refuses the token: set the hub's SCALIX_INGEST_TOKEN here too")
        if answer.status_code in {200, 409}:
            self._acknowledged[name] = int(answer.json()["size"])
            return self._acknowledged[name]
        if answer.status_code in {413, 422}:
            raise ScalixError(f"{self.client.base_url} refuses {name}: {answer.text}")
        raise NotAcknowledgedError(f"{self.client.base_url} answers {answer.status_code}: {answer.text[:200]}")


def ship_spool(spool: Path, url: str, token: str, *, once: bool = False, quiet_s: float = QUIET_S) -> None:
    """Send a spool until stopped, or with ``once`` until it is empty.

    Raises SettingsError when the URL is none, ScalixError when the hub refuses.
    """
    _refuse_no_url(url)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as client:
        shipper = Shipper(spool, client, quiet_s)
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                shipper.step()
            except NotAcknowledgedError as error:
                _log.warning("%s; trying again in %.1f s", error, pause_s)
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            if once and not discover(spool):
                return
            time.sleep(POLL_S)


def _refuse_no_url(url: str) -> None:
    """What is no address never answers, however often it is tried."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SettingsError(f"{url} is no address: {error}; give the hub's, such as http://hub:8510") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SettingsError(f"{url} is no address of a hub: it begins with http:// or https://, as http://hub:8510")
