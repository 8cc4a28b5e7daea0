"""One fake provider: decides what happens to a call, counts and bills it, and writes it to its log."""

from __future__ import annotations

import time
from collections import Counter, deque
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from scalix.demo.providers import faults, prices
from scalix.demo.providers.calls import Answer
from scalix.demo.providers.faults import Fault
from scalix.demo.providers.log import RequestLog
from scalix.demo.providers.tokens import Tokens, draw, prompt_tokens
from scalix.demo.providers.wire import WIRES, scalix_pro
from scalix.demo.providers.wire.openai import SECONDS_OF_AUDIO
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scalix.demo.providers.calls import Call
    from scalix.demo.providers.profiles import Profile
    from scalix.demo.providers.wire import Wire

USAGE_HEADER = "x-fake-usage"
SCALIX_PRO = (scalix_pro.ENGINE, scalix_pro.GATEWAY)
TELLS_COST = ("openrouter", *SCALIX_PRO)
THINKING = ("o4", "gemini-2.5", "gpt-5")
ID_PREFIXES = {"chat": "chatcmpl-", "responses": "resp_", "images": "img-", "embeddings": "emb-"}
AUDIO_TOKENS_PER_SECOND = 10
TOKENS_PER_IMAGE = 272


class Provider:
    """State of one provider: its profile, the faults queued for it, its quota, and its log."""

    def __init__(self, name: str, folder: Path, *, seed: int, profile: Profile) -> None:
        self.name = name
        self.format = name.partition("-")[0]
        self.wire: Wire = WIRES[self.format]
        self.log = RequestLog(folder, name)
        self.queued: deque[Fault] = deque()
        self.in_flight = 0
        self._seed = seed
        self._seen: Counter[int] = Counter()
        self._minted = 0
        self._born = f"{time.time_ns() // 1000:x}"
        self.set_profile(profile)

    def set_profile(self, profile: Profile) -> None:
        """From now on behave like this; windows count from now."""
        self.profile = profile
        self._profile_since = time.monotonic()
        self._quota_window = 0
        self._quota_used = 0

    def rng_for(self, body: bytes) -> Random:
        """The same request gets the same luck, whatever arrives around it; repeated, it gets other luck."""
        key = crc32(body)
        self._seen[key] += 1
        return Random(f"{self._seed}/{self.name}/{key}/{self._seen[key]}")  # noqa: S311 - a demo's dice, not a secret

    def fault_for(self, call: Call, headers: Mapping[str, str], rng: Random) -> Fault:
        """What happens to this call: as its format refuses, as queued, as it asks for, as quota or profile say."""
        if self.format in SCALIX_PRO and (status := scalix_pro.refusal(self.format, call, headers)):
            return Fault("status", status)
        if self.queued:
            return self.queued.popleft()
        if asked := faults.asked_for(headers, call.model):
            return asked
        if (wait_s := self._over_quota()) is not None:
            return Fault("status", 429, wait_s)
        drawn = self.profile.fault_at(time.monotonic() - self._profile_since, rng)
        return faults.parse(drawn) if drawn else Fault("none")

    def _over_quota(self) -> float | None:
        if self.profile.quota is None:
            return None
        age_s = time.monotonic() - self._profile_since
        window, elapsed_s = divmod(age_s, self.profile.quota_window_s)
        if int(window) != self._quota_window:
            self._quota_window, self._quota_used = int(window), 0
        self._quota_used += 1
        return None if self._quota_used <= self.profile.quota else self.profile.quota_window_s - elapsed_s

    def answer(self, call: Call, headers: Mapping[str, str], rng: Random, now_us: int) -> Answer:
        """What this provider answers when nothing goes wrong."""
        tokens = self._count(call, headers, rng)
        cost = self.cost_pusd(call.model, tokens, now_us)
        self._minted += 1
        prefix = "msg_" if self.format == "anthropic" else ID_PREFIXES.get(call.endpoint, "req-")
        return Answer(
            id=f"{prefix}{self.name}-{self._born}-{self._minted}",
            model=call.model,
            created=now_us // 1_000_000,
            tokens=tokens,
            cost_usd=cost / 1e12 if cost and self.format in TELLS_COST else None,
        )

    def _count(self, call: Call, headers: Mapping[str, str], rng: Random) -> Tokens:
        if given := headers.get(USAGE_HEADER):
            return msgspec.json.decode(given, type=Tokens)
        if call.endpoint == "transcription":
            return Tokens(audio_input=SECONDS_OF_AUDIO * AUDIO_TOKENS_PER_SECOND, output=24)
        prompt = prompt_tokens(call.body)
        if call.endpoint == "images":
            return Tokens(input=prompt, image_output=TOKENS_PER_IMAGE)
        if call.endpoint in ("embeddings", "speech"):
            return Tokens(input=prompt)
        return draw(
            prompt=prompt,
            limit=call.limit,
            thinks=call.model.startswith(THINKING),
            writes_cache=self.format == "anthropic",
            profile=self.profile,
            rng=rng,
        )

    def cost_pusd(self, model: str, tokens: Tokens, at_us: int) -> int | None:
        """What this provider bills for these tokens, in picodollars."""
        return prices.cost_pusd(model, tokens, from_us(at_us))
