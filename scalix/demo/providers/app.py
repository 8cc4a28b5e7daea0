"""All fake providers of one process: finds the one a URL names, making it at first use; obeys control calls.

``POST /_control`` takes ``{"provider": …, "faults": [...], "profile": {...}}``: faults are queued for the
next requests, a profile replaces fields of the present one. ``GET /_status`` counts the requests in flight.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers import faults
from scalix.demo.providers.faults import CALLER
from scalix.demo.providers.provider import Provider
from scalix.demo.providers.visit import Visit
from scalix.demo.providers.wire import WIRES
from scalix.errors import DemoError
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.demo.providers.profiles import Profile
    from scalix.demo.providers.server import HttpRequest, Reply

FORM_MODEL = re.compile(rb'name="model"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)')
NAME = re.compile(r"[a-z]+(-[a-z0-9]+)*")


class Control(msgspec.Struct, forbid_unknown_fields=True):
    """What a control call may say."""

    provider: str
    faults: list[str] = []
    profile: dict[str, Any] = {}


class Providers:
    """Every provider that a request has named so far."""

    def __init__(self, folder: Path, *, seed: int, profile: Profile) -> None:
        self._folder = folder
        self._seed = seed
        self._profile = profile
        self._named: dict[str, Provider] = {}

    async def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answers one HTTP request; what cannot be understood gets a 400 that says why."""
        try:
            if request.path == "/_status":
                reply.send(200, msgspec.json.encode({"in_flight": self._in_flight()}))
            elif request.path == "/_control":
                self._obey(msgspec.json.decode(request.body, type=Control))
                reply.send(200, b"{}")
            else:
                await self._call(request, reply)
        except (DemoError, msgspec.MsgspecError) as error:
            reply.send(400, msgspec.json.encode({"error": {"message": str(error)}}))

    async def _call(self, request: HttpRequest, reply: Reply) -> None:
        name, _, path = request.path.lstrip("/").partition("/")
        provider = self._provider(name)
        call = provider.wire.parse("/" + path, _body(request))
        rng = provider.rng_for(request.body)
        fault = provider.fault_for(call, request.headers, rng)
        answer = provider.answer(call, request.headers, rng, now_us())
        await Visit(provider, call, answer, reply, request.headers.get(CALLER)).serve(fault, rng)

    def _provider(self, name: str) -> Provider:
        if name not in self._named:
            if not NAME.fullmatch(name) or name.partition("-")[0] not in WIRES:
                raise DemoError(f"no provider {name!r}; a name begins with one of {', '.join(WIRES)}")
            self._named[name] = Provider(name, self._folder, seed=self._seed, profile=self._profile)
        return self._named[name]

    def _obey(self, control: Control) -> None:
        provider = self._provider(control.provider)
        provider.queued.extend(faults.parse(text) for text in control.faults)
        if control.profile:
            present = msgspec.to_builtins(provider.profile)
            provider.set_profile(msgspec.convert(present | control.profile, type(provider.profile)))

    def _in_flight(self) -> int:
        return sum(provider.in_flight for provider in self._named.values())


def _body(request: HttpRequest) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return msgspec.json.decode(request.body, type=dict[str, Any])
    model = FORM_MODEL.search(request.body)
    return {"model": model.group(1).decode()} if model else {}
