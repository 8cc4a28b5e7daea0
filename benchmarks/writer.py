"""Writes the events of made-up calls to a spool, at a steady rate or as fast as it can.

Run as ``python -m benchmarks.writer SPOOL --events N [--rate EVENTS_PER_SECOND]``. Each call is what LiteLLM's
hooks give for a plain success: handed over, answered, final event. The ids are
random, the sizes vary, the seed is fixed.
"""

from __future__ import annotations

import argparse
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any

from scalix.events import AttemptEvent, ProcessEvent, to_line
from scalix.times import now_us

EVENTS_PER_CALL = 3
MODELS = (("openai", "gpt-4o-mini"), ("anthropic", "claude-sonnet-4-5"), ("gemini", "gemini-2.5-flash"))
_HEX = "0123456789abcdef"


def lines_of_call(draw: random.Random, ended_us: int) -> bytes:
    """The three lines of one call that ended at this moment."""
    provider, model = draw.choice(MODELS)
    latency = draw.randrange(200_000, 3_000_000)
    started = ended_us - latency
    key: dict[str, Any] = {"call_id": str(uuid.UUID(int=draw.getrandbits(128), version=4)), "started_us": started}
    read, cached, written = draw.randrange(20, 4000), draw.randrange(0, 8) * 64, draw.randrange(5, 600)
    usage = (
        f'{{"prompt_tokens":{read + cached},"completion_tokens":{written},"total_tokens":{read + cached + written},'
        f'"prompt_tokens_details":{{"cached_tokens":{cached}}}}}'
    )
    tokens: dict[str, Any] = {
        "input_tokens": read,
        "cache_read_tokens": cached,
        "output_tokens": written,
        "tokens_source": "reported",
    }
    about: dict[str, Any] = {
        "trace_id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "provider": provider,
        "model": model,
        "model_group": "chat",
        "deployment_id": f"{provider}-{draw.randrange(3)}",
        "api_base": f"https://{provider}.example/v1",
        "call_type": "acompletion",
        "streaming": False,
        "retry": 0,
        "upstream": True,
        "user_id": f"user-{draw.randrange(500)}",
        "team_id": f"team-{draw.randrange(20)}",
    }
    answer: dict[str, Any] = {
        "response_id": "chatcmpl-" + "".join(draw.choices(_HEX, k=29)),
        "served_model": f"{model}-2026-08-01",
        "usage": usage,
    }
    cost = read * 150_000 + cached * 75_000 + written * 600_000
    opened = AttemptEvent(kind="opened", at_us=started, mono_us=started, **key, **about)
    answered = AttemptEvent(kind="answered", at_us=ended_us, mono_us=ended_us, **key, **answer, **tokens)
    final = AttemptEvent(
        kind="success",
        at_us=ended_us + 900,
        mono_us=ended_us + 900,
        ended_us=ended_us,
        litellm_cost_pusd=cost,
        **key,
        **about,
        **answer,
        **tokens,
    )
    return to_line(opened) + to_line(answered) + to_line(final)


def write(spool: Path, events: int, rate: float | None, seed: int) -> None:
    """Write that many events into one new segment; at a rate, one call at a time."""
    draw = random.Random(seed)
    name = f"bench-00000000-{seed:08x}-{os.getpid():x}.seg"
    spool.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(spool / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    head = ProcessEvent(
        at_us=now_us(),
        process_id=f"bench-{seed}-{os.getpid()}",
        host="bench",
        pid=os.getpid(),
        boot_id="00000000",
        collector_version="0",
        python_version="3",
    )
    os.write(descriptor, to_line(head))
    calls = events // EVENTS_PER_CALL
    if rate is None:
        for start in range(0, calls, 1000):
            os.write(descriptor, b"".join(lines_of_call(draw, now_us()) for _ in range(min(1000, calls - start))))
    else:
        began = time.monotonic()
        for number in range(calls):
            time.sleep(max(0.0, began + number * EVENTS_PER_CALL / rate - time.monotonic()))
            os.write(descriptor, lines_of_call(draw, now_us()))
    os.close(descriptor)


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spool", type=Path)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write(arguments.spool, arguments.events, arguments.rate, arguments.seed)


if __name__ == "__main__":
    main()
