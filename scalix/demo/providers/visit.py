"""Serving one request: answer it or let it fail as decided, and log what really left the house."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from scalix.demo.providers.log import Outcome, Request
from scalix.demo.providers.tokens import Tokens
from scalix.times import now_us

if TYPE_CHECKING:
    from random import Random

    from scalix.demo.providers.calls import Answer, Call
    from scalix.demo.providers.faults import Fault
    from scalix.demo.providers.provider import Provider
    from scalix.demo.providers.server import Reply

EVENT_STREAM = "text/event-stream"
SHORTEST_SLEEP_S = 0.001
NOTHING = Tokens()
WITHOUT_ID = ("embeddings", "images", "transcription", "speech")
TEXTS = ("choices", "content", "candidates", "data", "output")
MESSAGES = {
    "context": ("context_length_exceeded", "This model's maximum context length is 128000 tokens."),
    "policy": ("content_policy_violation", "Your request was rejected as a result of our safety system."),
}


class Visit:
    """One request while it is served. What it holds at the end is what the log says."""

    def __init__(self, provider: Provider, call: Call, answer: Answer, reply: Reply, caller: str | None) -> None:
        self.provider = provider
        self.call = call
        self.answer = answer
        self.reply = reply
        self.caller = caller
        self.arrived_us = now_us()
        self.outcome: Outcome = "disconnected"
        self.billed = NOTHING
        self.usage_sent = False

    async def serve(self, fault: Fault, rng: Random) -> None:
        """Serves the call to its end, however it ends, and logs it."""
        self.provider.in_flight += 1
        try:
            await self._act(fault, rng)
        finally:
            self.provider.log.append(self._entry())
            self.provider.in_flight -= 1

    def _entry(self) -> Request:
        return Request(
            request_id=self.answer.id,
            arrived_us=self.arrived_us,
            ended_us=now_us(),
            caller=self.caller,
            provider=self.provider.name,
            endpoint=self.call.endpoint,
            model=self.call.model,
            streaming=self.call.streaming,
            outcome=self.outcome,
            status=self.reply.status,
            has_id=self.call.endpoint not in WITHOUT_ID,
            usage_sent=self.usage_sent,
            tokens=self.billed,
            cost_pusd=self.provider.cost_pusd(self.call.model, self.billed, self.arrived_us),
            user=self.call.body.get("user"),
            scalix_options=self.call.body.get("scalix_options"),
        )

    async def _act(self, fault: Fault, rng: Random) -> None:
        if fault.kind in ("status", "context", "policy"):
            self._refuse(fault)
        elif fault.kind == "reset":
            self.outcome = "reset"
            self.reply.reset()
        elif fault.kind == "garbage":
            self.outcome = "garbage"
            self.reply.send(200, b"<html>not an answer", self._headers())
        elif fault.kind == "misshapen" and not self.call.streaming:
            self._settle()
            self.outcome = "misshapen"
            self.reply.send(200, _without_text(self.provider.wire.whole(self.call, self.answer)), self._headers())
        elif fault.kind == "hang":
            await asyncio.Event().wait()
        else:
            await self._deliver(fault, rng)

    def _refuse(self, fault: Fault) -> None:
        code, message = MESSAGES.get(fault.kind, (None, f"fake {self.provider.name} says {fault.status}"))
        headers = self._headers()
        if fault.argument is not None:
            headers["retry-after"] = str(max(1, round(fault.argument)))
        self.outcome = "error"
        self.reply.send(fault.status, self.provider.wire.error(fault.status, message, code), headers)

    async def _deliver(self, fault: Fault, rng: Random) -> None:
        slowness = (fault.argument or 10.0) if fault.kind == "slow" else 1.0
        first_s, each_s = (delay * slowness for delay in self.provider.profile.delays_s(rng))
        self.billed = self._partly(0, 1)
        if self.call.streaming:
            await self._stream(fault, first_s, each_s)
        else:
            await _sleep(first_s + each_s * self.answer.tokens.all_output)
            self._settle()
            self.reply.send(200, self.provider.wire.whole(self.call, self.answer), self._headers())

    async def _stream(self, fault: Fault, first_s: float, each_s: float) -> None:
        stream = self.provider.wire.stream(self.call, self.answer)
        await _sleep(first_s)
        self.reply.start(200, self._headers() | {"content-type": EVENT_STREAM})
        self._chunk(*stream.head)
        count = len(stream.pieces)
        breaks_at = count // 2 if fault.kind in ("stall", "midstream", "cut") else None
        for number, piece in enumerate(stream.pieces):
            if number == breaks_at:
                await self._break(fault)
                return
            self._chunk(piece)
            self.billed = self._partly(number + 1, count)
            await _sleep(each_s * self.answer.tokens.output / count)
        self._settle()
        self._chunk(*stream.tail)
        self.reply.chunk(b"")

    async def _break(self, fault: Fault) -> None:
        if fault.kind == "stall":
            await asyncio.Event().wait()
        elif fault.kind == "midstream":
            self.outcome = "midstream"
            self._chunk(self.provider.wire.error_event("fake error inside the stream"))
            self.reply.chunk(b"")
        else:
            self.outcome = "cut"
            self.reply.close()

    def _chunk(self, *events: bytes) -> None:
        if events:
            self.reply.chunk(b"".join(events))

    def _settle(self) -> None:
        self.outcome = "answered"
        self.billed = self.answer.tokens
        self.usage_sent = self.call.wants_usage and self.call.endpoint != "speech"

    def _partly(self, sent: int, count: int) -> Tokens:
        """What is billed when the text was generated only so far."""
        output = self.answer.tokens.output * sent // count
        return msgspec.structs.replace(self.answer.tokens, output=output)

    def _headers(self) -> dict[str, str]:
        return {"x-request-id": self.answer.id}


def _without_text(answer: bytes) -> bytes:
    body = msgspec.json.decode(answer)
    return msgspec.json.encode(body | {name: None for name in TEXTS if name in body})


async def _sleep(seconds: float) -> None:
    """Waits, unless it is too short to be worth a timer; always lets a disconnect be noticed."""
    await asyncio.sleep(seconds if seconds >= SHORTEST_SLEEP_S else 0)
