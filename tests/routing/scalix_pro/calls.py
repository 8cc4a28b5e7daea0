"""Calls Scalix Pro in every way an application can, and prints what came back as one line of JSON. A child process."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import litellm

import scalix
from scalix import scalix_pro

MESSAGES = [{"role": "user", "content": "Change the words."}]
FILES = [{"path": "src/App.tsx", "content": "<div/>"}]
MODEL = "scalix-pro/gemini-2.5-flash"
USAGE = {"extra_headers": {"x-fake-usage": '{"input": 40, "cache_read": 9, "output": 6, "reasoning": 4}'}}
EDITS = {"scalix_options": {"files": FILES, "enable_lazy_edits": True}}
FAULTS = ("fake-429:7", "fake-500", "fake-401", "fake-context", "fake-400")


def told(response: Any) -> dict[str, Any]:
    message = response.choices[0].message
    usage = response.usage
    return {
        "text": message.content,
        "thinking": getattr(message, "reasoning_content", None),
        "tokens": [usage.prompt_tokens, usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens],
    }


def streamed(chunks: list[Any]) -> dict[str, Any]:
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    finishes = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    return {
        "text": "".join(delta.content or "" for delta in deltas),
        "thinking": "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas),
        "chunks": len(chunks),
        "finish": [finish for finish in finishes if finish],
    }


async def failure(**call: Any) -> dict[str, Any]:
    try:
        await litellm.acompletion(messages=MESSAGES, **call)
    except Exception as error:  # noqa: BLE001  what comes out is the question
        headers = dict(getattr(error, "litellm_response_headers", None) or {})
        return {
            "class": type(error).__name__,
            "provider": error.llm_provider,  # type: ignore[attr-defined]
            "retry_after": headers.get("retry-after"),
            "message": str(error),
        }
    return {"class": None}


async def asynchronous() -> dict[str, Any]:
    call = {"model": MODEL, "messages": MESSAGES, "user": "ada", **USAGE}
    return {
        "async": told(await litellm.acompletion(**call)),
        "async_engine_stream": streamed([one async for one in await litellm.acompletion(**call, **EDITS, stream=True)]),
        "failures": {model: await failure(model=f"scalix-pro/{model}") for model in FAULTS},
        "foreign_key": await failure(model=MODEL, api_key="sk-somebody-elses"),
        "wrong_options": await failure(model=MODEL, scalix_options={"enable_lazy_edit": True}),
        "routed": await routed(),
        "unpriced": told(
            await litellm.acompletion(
                model="scalix-pro/house-1",
                messages=MESSAGES,
                extra_headers={"x-fake-usage": '{"input": 100, "output": 10, "reasoning": 0}'},
            )
        ),
    }


async def routed() -> list[str]:
    """Streams through the Router, whose first deployment fails to open them; its price would make it the choice."""
    failing: dict[str, Any] = {"input_cost_per_token": 1e-9, "output_cost_per_token": 1e-9}
    failing["model"], other = "scalix-pro/fake-503", {"model": "scalix-pro/gpt-4o"}
    deployments = [
        {"model_name": "app", "model_info": {"id": f"pro-{n}"}, "litellm_params": params}
        for n, params in enumerate((failing, other))
    ]
    router = scalix.router(deployments)
    answers = []
    for _ in range(4):
        stream = await router.acompletion("app", messages=MESSAGES, stream=True)
        answers.append(streamed([chunk async for chunk in stream])["text"])
    return answers


def main() -> None:
    litellm.suppress_debug_info = True
    scalix.install()
    scalix_pro.register()
    call = {"model": MODEL, "messages": MESSAGES, "user": "ada", **USAGE}
    named = {"model": MODEL, "messages": MESSAGES, "metadata": {"scalix_user": "grace"}, **USAGE}
    results = {
        "sync": told(litellm.completion(**call)),
        "sync_engine": told(litellm.completion(**call, **EDITS)),
        "sync_stream": streamed(list(litellm.completion(**named, stream=True))),
    }
    sys.stdout.write(json.dumps(results | asyncio.run(asynchronous())) + "\n")


if __name__ == "__main__":
    main()
