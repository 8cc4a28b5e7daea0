"""A process that makes calls which are charged by image, second or character, recorded, and prints LiteLLM's costs.

Standard input has the calls by name; the answer on standard output is LiteLLM's ``completion_cost`` of each, or null.
"""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import wave
from typing import TYPE_CHECKING, Any

from tests.collector.conftest import environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HERTZ = 8_000
Calls = dict[str, tuple[str, dict[str, Any]]]
"""By name: the function of LiteLLM, and its arguments; ``seconds`` stands for a recording of that length."""


def call_all(calls: Calls, spool: Path) -> dict[str, float | None]:
    """Make the calls in a process of their own, recorded on this spool; LiteLLM's cost of each."""
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps(calls),
        text=True,
        check=True,
        capture_output=True,
        env=environment(spool),
        timeout=120,
    )
    costs: dict[str, float | None] = json.loads(done.stdout.splitlines()[-1])
    return costs


def _recording(seconds: int) -> io.BytesIO:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(HERTZ)
        sound.writeframes(bytes(HERTZ * seconds))
    recording = io.BytesIO(content.getvalue())
    recording.name = "speech.wav"
    return recording


def _cost(answer: Any, function: str, given: Mapping[str, Any]) -> float | None:
    import litellm  # noqa: PLC0415 - only the child needs it

    about: dict[str, Any] = {"optional_params": given} if function.endswith("image_generation") else {}
    if function.endswith("speech"):
        about = {"prompt": given["input"]}
    try:
        return float(
            litellm.completion_cost(
                answer, model=given["model"], call_type=function, custom_llm_provider=given["model"].partition("/")[0],
                **about,
            )
        )  # fmt: skip
    except Exception:  # noqa: BLE001 (LiteLLM raises a bare Exception for what it cannot price)
        return None


def _main() -> None:
    import litellm  # noqa: PLC0415 - only the child needs it

    import scalix  # noqa: PLC0415 - same

    scalix.install(strict=True)
    costs = {}
    for name, (function, given) in json.load(sys.stdin).items():
        arguments = {key: value for key, value in given.items() if key != "seconds"}
        if "seconds" in given:
            arguments["file"] = _recording(given["seconds"])
        made = getattr(litellm, function)(api_key="made-up", user=name, max_retries=0, **arguments)
        answer = asyncio.run(made) if asyncio.iscoroutine(made) else made
        costs[name] = _cost(answer, function, given)
    print(json.dumps(costs))


if __name__ == "__main__":
    _main()
