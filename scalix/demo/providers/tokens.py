"""What a fake provider counts and bills: disjoint token classes, from the request and drawn from the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from scalix.demo.providers.profiles import Profile

BYTES_PER_TOKEN = 4
DEFAULT_OUTPUT = 64
TEXT_KEYS = frozenset({"text", "content", "input", "prompt", "instructions", "system", "parts", "contents", "messages"})


class Tokens(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Counts of one call. The classes are disjoint: their sum is everything that was billed."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    audio_input: int = 0
    output: int = 0
    reasoning: int = 0
    audio_output: int = 0
    image_output: int = 0

    @property
    def all_input(self) -> int:
        """Every token that went in, cached or not."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.audio_input

    @property
    def all_output(self) -> int:
        """Every token that came out, seen or not."""
        return self.output + self.reasoning + self.audio_output + self.image_output


def prompt_tokens(body: dict[str, Any]) -> int:
    """Tokens of all texts in a request body, never more than its bytes."""
    return max(1, sum(len(text.encode()) for text in _texts(body)) // BYTES_PER_TOKEN)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in TEXT_KEYS:
                yield from _texts(item)


def draw(*, prompt: int, limit: int | None, thinks: bool, writes_cache: bool, profile: Profile, rng: Random) -> Tokens:
    """Counts for a chat call: cached as the profile says, never more output than the request allows."""
    output = max(1, int(rng.lognormvariate(0, 0.5) * DEFAULT_OUTPUT))
    output = min(output, limit) if limit else output
    reasoning = int(output * rng.uniform(0.1, 0.5)) if thinks else 0
    read = int(prompt * rng.uniform(0.5, 0.9)) if rng.random() < profile.cache_share else 0
    write = int((prompt - read) * 0.5) if writes_cache and rng.random() < profile.cache_share else 0
    long_lived = write // 4 if rng.random() < profile.cache_share else 0
    return Tokens(
        input=prompt - read - write,
        cache_read=read,
        cache_write_5m=write - long_lived,
        cache_write_1h=long_lived,
        output=output - reasoning,
        reasoning=reasoning,
    )
