"""Routers made of the settings, in every way of calling, and what came of them as one line of JSON. A child process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import litellm

import scalix
from scalix.demo.providers.process import FakeProviders

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = [{"role": "user", "content": "Say something short about rivers."}]
WIRES = {
    "openai": ("openai", "gpt-4o-mini"),
    "anthropic": ("anthropic", "claude-haiku-4-5"),
    "google": ("gemini", "gemini-2.5-flash"),
    "azure": ("azure", "gpt-4o-mini"),
    "openrouter": ("openrouter", "openai/gpt-4o-mini"),
    "ollama": ("ollama", "qwen3:8b"),
    "lmstudio": ("lmstudio", "qwen3-8b"),
    "scalix-pro": ("gateway", "gpt-4o"),
}
providers = FakeProviders(sys.argv[1], Path(sys.argv[2]))
settings = Path(os.environ["SCALIX_HOME"]) / "providers.toml"


def table(name: str, wire: str, model: str) -> str:
    base = providers.api_base(f"{wire}-cat")
    address = "gateway_url" if name == "scalix-pro" else "api_base"
    version = 'api_version = "2024-10-21"\n' if name == "azure" else ""
    key = "scalix_k" if name == "scalix-pro" else "sk-k"
    return f'[providers.{name}]\napi_key = "{key}"\n{address} = "{base}"\n{version}models = ["{model}"]\n'


def write(*tables: str, extra: str = "") -> None:
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("\n".join([*tables, extra]))
    settings.chmod(0o600)


@contextmanager
def variables(**given: str) -> Iterator[None]:
    os.environ.update(given)
    try:
        yield
    finally:
        for name in given:
            del os.environ[name]


async def every_provider() -> dict[str, Any]:
    """One answer and one stream from each, by its name in the catalogue."""
    write(*(table(name, *wire) for name, wire in WIRES.items()))
    router = scalix.router()
    results = {}
    for name, (_, model) in WIRES.items():
        answer = await router.acompletion(f"{name}/{model}", messages=PROMPT, max_tokens=40)
        stream = await router.acompletion(f"{name}/{model}", messages=PROMPT, max_tokens=30, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
        usage = answer.usage
        results[name] = [answer.choices[0].message.content, usage.prompt_tokens, usage.completion_tokens, text]
    unknown = ""
    try:
        await router.acompletion("openai/gpt-5", messages=PROMPT)
    except litellm.BadRequestError as error:
        unknown = str(error)
    automatic = [await router.acompletion("auto", messages=PROMPT, max_tokens=5) for _ in range(3)]
    return {
        "providers": results,
        "auto": len(automatic),
        "unknown": unknown,
        "models": [one.name for one in scalix.models("google")],
    }


async def cached(kind: str, extra: str = "") -> list[bool]:
    """Whether each of three equal calls and a different one came out of the cache."""
    litellm.cache = None
    write(table("openai", "openai", "gpt-4o-mini"), extra=f'[cache]\ntype = "{kind}"\nttl_s = 60\n{extra}')
    router, hits = scalix.router(), []
    for question in (kind, kind, kind, f"not {kind}"):
        messages = [{"role": "user", "content": f"{question} {settings}"}]
        answer = await router.acompletion("auto", messages=messages, max_tokens=20)
        hits.append(bool(answer._hidden_params.get("cache_hit")))
        await asyncio.sleep(0.05)  # LiteLLM fills its cache in a task of its own
    litellm.cache = None
    return hits


async def legacy() -> str:
    providers.control("openai-legacy", faults=("500", "none"))
    own = table("openai", "openai", "gpt-4o-mini").replace("openai-cat", "openai-legacy")
    write(own, table("anthropic", "anthropic", "claude-haiku-4-5"), extra='[cache]\ntype = "memory"\n')
    with variables(USE_LEGACY_AI="true"):
        router = scalix.router()
    try:
        await router.acompletion("auto", messages=PROMPT)
    except litellm.InternalServerError as error:
        assert litellm.cache is None
        answers = [await router.acompletion("auto", messages=PROMPT, max_tokens=3) for _ in range(2)]
        return f"{type(error).__name__}, then {len(answers)} answers, {hasattr(error, 'scalix_failure')}"
    return "answered"


async def through_a_proxy() -> str:
    settings.unlink()
    with variables(
        ENABLE_LITELLM_PROXY="true", LITELLM_BASE_URL=providers.api_base("openai-theproxy"), LITELLM_API_KEY="sk-p"
    ):
        router = scalix.router()
    answer = await router.acompletion("some-group", messages=PROMPT, max_tokens=5)
    return str(answer.choices[0].message.content)


async def main() -> None:
    litellm.suppress_debug_info = True
    kinds = sys.argv[3:]
    results: dict[str, Any] = {kind: await cached(kind) for kind in kinds}
    if not kinds:
        results |= await every_provider()
        results["memory"] = await cached("memory")
        results["disk"] = await cached("disk")
        results["unreachable"] = await cached("redis", 'url = "redis://127.0.0.1:9/0"')
        results["legacy"] = await legacy()
        results["proxy"] = await through_a_proxy()
    sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
