"""Calls that fail on purpose, through `scalix.router`, and what came of them as one line of JSON. A child process."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import litellm

import scalix
from scalix.demo.providers.process import FakeProviders

MESSAGES = [{"role": "user", "content": "hi"}]
providers = FakeProviders(sys.argv[1], Path(sys.argv[2]))


def deployment(name: str, group: str, *faults: str) -> dict[str, Any]:
    """A deployment at a provider of its own, whose next requests get these faults. One with faults is the cheapest."""
    providers.control(name, faults=faults)
    params: dict[str, Any] = {"model": "openai/gpt-4o-mini", "api_key": "sk-x", "api_base": providers.api_base(name)}
    if faults:
        params |= {"input_cost_per_token": 1e-12, "output_cost_per_token": 1e-12}
    return {"model_name": group, "model_info": {"id": name}, "litellm_params": params}


def told(error: Any, began: float) -> dict[str, Any]:
    failure = getattr(error, "scalix_failure", None)
    return {
        "class": None if error is None else type(error).__name__,
        "text": str(error),
        "kind": failure and failure.kind,
        "plain": failure and failure.message,
        "cause": failure and failure.cause,
        "chain": [[one.deployment_id, one.kind, one.status] for one in failure.attempts] if failure else None,
        "seconds": time.monotonic() - began,
    }


async def call(*deployments: dict[str, Any], group: str = "chat", **options: Any) -> dict[str, Any]:
    router, began = scalix.router(list(deployments), **options), time.monotonic()
    try:
        await router.acompletion(group, messages=MESSAGES)
    except Exception as error:  # noqa: BLE001  what comes out is the question
        return told(error, began)
    return told(None, began)


def call_synchronously(*deployments: dict[str, Any]) -> dict[str, Any]:
    router, began = scalix.router(list(deployments)), time.monotonic()
    try:
        router.completion("chat", messages=MESSAGES)
    except Exception as error:  # noqa: BLE001  what comes out is the question
        return told(error, began)
    return told(None, began)


def passing() -> dict[str, Any]:
    """Failures after which an answer must come."""
    return {
        "retry-after": call(deployment("openai-r1", "chat", "429:1", "none")),
        "server": call(deployment("openai-r2", "chat", "500", "503", "502", "none")),
        "network": call(deployment("openai-r3", "chat", "reset", "none")),
        "key": call(deployment("openai-r4", "chat", *["401"] * 3), deployment("openai-r5", "chat")),
        "rights": call(deployment("openai-r6", "chat", *["403"] * 3), deployment("openai-r7", "chat")),
        "unavailable": call(deployment("openai-r8", "chat", *["503"] * 3), deployment("openai-r9", "chat")),
        "limited": call(
            deployment("openai-r10", "chat", *["429"] * 2), deployment("openai-r11", "chat", "429", "none")
        ),
    }


def failing() -> dict[str, Any]:
    """Failures that must come out, and how."""
    dead = deployment("openai-f1", "chat", *["500"] * 9)
    first, second = deployment("openai-f2", "chat", *["401"] * 9), deployment("openai-f3", "chat", *["504"] * 9)
    reserve = deployment("openai-f4", "reserve", *["403"] * 9)
    return {
        "dead": call(dead),
        "groups": call(first, second, reserve, fallbacks=[{"chat": ["reserve"]}], num_retries=1),
        "bad": call(deployment("openai-f5", "chat", "400", "none"), deployment("openai-f6", "chat", "400", "none")),
        "context": call(deployment("openai-f7", "chat", "context", "none")),
        "only_key": call(deployment("openai-f8", "chat", "401", "none")),
        "long": call(deployment("openai-f9", "chat", "429:3600", "none")),
        "own": call(deployment("openai-f10", "chat", "500", "none"), num_retries=0),
    }


async def gathered(scenarios: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(scenarios, await asyncio.gather(*scenarios.values()), strict=True))


def main() -> None:
    litellm.suppress_debug_info = True
    results = asyncio.run(gathered(passing() | failing()))
    results["sync_server"] = call_synchronously(deployment("openai-s1", "chat", "500", "none"))
    results["sync_key"] = call_synchronously(
        deployment("openai-s2", "chat", *["401"] * 3), deployment("openai-s3", "chat", *["403"] * 3)
    )
    sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
