"""Every fake wire format, through real LiteLLM: what it reads must be what the provider counted and billed."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import litellm
import pytest

from scalix.events import PICODOLLARS
from tests.collector.conftest import until

if TYPE_CHECKING:
    from scalix.demo.providers.log import Request
    from scalix.demo.providers.process import FakeProviders

MODELS = {
    "openai": "openai/gpt-4o-mini",
    "azure": "azure/gpt-4o-mini",
    "openrouter": "openrouter/openai/gpt-4o-mini",
    "anthropic": "anthropic/claude-sonnet-4-5",
    "gemini": "gemini/gemini-2.5-flash",
    "lmstudio": "lm_studio/qwen3-8b",
}
USAGE = {
    "openai": {"input": 700, "cache_read": 324, "output": 31, "reasoning": 9},
    "azure": {"input": 700, "cache_read": 324, "output": 31, "reasoning": 9},
    "openrouter": {"input": 701, "output": 33},
    "anthropic": {"input": 70, "cache_read": 300, "cache_write_5m": 40, "cache_write_1h": 50, "output": 23},
    "gemini": {"input": 700, "cache_read": 324, "output": 31, "reasoning": 9},
    "lmstudio": {"input": 55, "output": 12},
}
PICODOLLAR = Decimal("1e-12")
PROMPT = [{"role": "user", "content": "Say something short about rivers."}]


def options(providers: FakeProviders, name: str, usage: dict[str, int] | None) -> dict[str, Any]:
    """What a LiteLLM call needs to reach one fake provider and be counted like this."""
    wire = name.partition("-")[0]
    given: dict[str, Any] = {
        "model": MODELS[wire],
        "api_base": providers.api_base(name),
        "api_key": "sk-fake",
        "max_retries": 0,
        "extra_headers": {"x-fake-usage": json.dumps(usage)} if usage else {},
    }
    return given | ({"api_version": "2024-10-21"} if wire == "azure" else {})


def only_request(providers: FakeProviders, name: str) -> Request:
    """The answer may be here before the provider has logged it."""
    until(lambda: providers.requests(name))
    (request,) = providers.requests(name)
    return request


def litellm_cost(response: Any, model: str | None = None) -> Decimal:
    """LiteLLM's own price for an answer, from its own price list."""
    return Decimal(repr(litellm.completion_cost(response, model=model)))


def billed(request: Request) -> Decimal:
    assert request.cost_pusd is not None
    return Decimal(request.cost_pusd) / PICODOLLARS


def assert_usage_agrees(usage: Any, request: Request) -> None:
    tokens = request.tokens
    assert usage.prompt_tokens == tokens.all_input
    assert usage.completion_tokens == tokens.all_output
    assert (usage.prompt_tokens_details.cached_tokens or 0) == tokens.cache_read
    if tokens.reasoning:
        assert usage.completion_tokens_details.reasoning_tokens == tokens.reasoning


@pytest.mark.parametrize("wire", MODELS)
def test_whole_answer(providers: FakeProviders, wire: str) -> None:
    name = f"{wire}-whole"
    response = litellm.completion(messages=PROMPT, **options(providers, name, USAGE[wire]))
    request = only_request(providers, name)
    assert (request.outcome, request.status, request.streaming) == ("answered", 200, False)
    assert response.choices[0].message.content == "word " * request.tokens.output
    assert_usage_agrees(response.usage, request)
    if wire != "anthropic":  # LiteLLM puts an id of its own in place of Anthropic's
        assert response.id == request.request_id
    if wire != "lmstudio":
        cost = Decimal(repr(response._hidden_params["response_cost"]))
        assert cost == pytest.approx(billed(request), abs=PICODOLLAR)


@pytest.mark.parametrize("wire", MODELS)
def test_streamed_answer(providers: FakeProviders, wire: str) -> None:
    name = f"{wire}-stream"
    wanted = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(litellm.completion(messages=PROMPT, **wanted, **options(providers, name, USAGE[wire])))
    response = litellm.stream_chunk_builder(chunks, messages=PROMPT)
    request = only_request(providers, name)
    assert (request.outcome, request.streaming, request.usage_sent) == ("answered", True, True)
    assert response.choices[0].message.content == "word " * request.tokens.output
    assert_usage_agrees(response.usage, request)
    if wire == "anthropic":
        details = response.usage.prompt_tokens_details.cache_creation_token_details
        assert details.ephemeral_5m_input_tokens == request.tokens.cache_write_5m
        assert details.ephemeral_1h_input_tokens == request.tokens.cache_write_1h
    if wire not in ("lmstudio", "openrouter"):
        assert litellm_cost(response, MODELS[wire]) == pytest.approx(billed(request), abs=PICODOLLAR)


def test_async_calls_and_streams(providers: FakeProviders) -> None:
    async def call(wire: str) -> Any:
        return await litellm.acompletion(messages=PROMPT, **options(providers, f"{wire}-async", USAGE[wire]))

    async def stream(wire: str) -> list[Any]:
        answer = await litellm.acompletion(
            messages=PROMPT, stream=True, **options(providers, f"{wire}-async", USAGE[wire])
        )
        return [chunk async for chunk in answer]

    async def both() -> None:
        for wire in MODELS:
            await call(wire)
            assert await stream(wire)

    asyncio.run(both())
    for wire in MODELS:
        outcomes = [(request.outcome, request.streaming) for request in providers.requests(f"{wire}-async")]
        assert outcomes == [("answered", False), ("answered", True)]


def test_anthropic_messages(providers: FakeProviders) -> None:
    name = "anthropic-messages"

    async def call() -> Any:
        return await litellm.anthropic_messages(
            messages=PROMPT, max_tokens=99, **options(providers, name, USAGE["anthropic"])
        )

    answer = asyncio.run(call())
    request = only_request(providers, name)
    assert answer["id"] == request.request_id
    assert answer["usage"]["cache_creation"]["ephemeral_1h_input_tokens"] == request.tokens.cache_write_1h


def test_responses(providers: FakeProviders) -> None:
    name = "openai-responses"
    response = litellm.responses(input="Rivers?", **options(providers, name, USAGE["openai"]))
    request = only_request(providers, name)
    assert (request.endpoint, request.outcome) == ("responses", "answered")
    assert response.usage.input_tokens == request.tokens.all_input
    assert response.usage.output_tokens_details.reasoning_tokens == request.tokens.reasoning
    assert litellm_cost(response) == pytest.approx(billed(request), abs=PICODOLLAR)


def test_responses_stream(providers: FakeProviders) -> None:
    name = "openai-responses-stream"
    events = list(litellm.responses(input="Rivers?", stream=True, **options(providers, name, USAGE["openai"])))
    request = only_request(providers, name)
    assert events[-1].type == "response.completed"
    assert events[-1].response.usage.output_tokens == request.tokens.all_output
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == "word " * request.tokens.output


def test_embeddings(providers: FakeProviders) -> None:
    name = "openai-embeddings"
    given = options(providers, name, None) | {"model": "openai/text-embedding-3-small"}
    response = litellm.embedding(input=["rivers are long", "lakes are wide"], **given)
    request = only_request(providers, name)
    assert len(response.data) == 2
    assert response.usage.prompt_tokens == request.tokens.input > 1
    assert litellm_cost(response) == pytest.approx(billed(request), abs=PICODOLLAR)


def test_images_and_audio(providers: FakeProviders) -> None:
    name = "openai-media"
    given = options(providers, name, None)
    image = litellm.image_generation(prompt="a river", **given | {"model": "openai/gpt-image-1"})
    speech = litellm.speech(input="a river", voice="alloy", **given | {"model": "openai/gpt-4o-mini-tts"})
    text = litellm.transcription(
        file=("river.wav", b"RIFF" + bytes(400)), **given | {"model": "openai/gpt-4o-mini-transcribe"}
    )
    pictured, spoken, heard = providers.requests(name)
    assert [request.endpoint for request in (pictured, spoken, heard)] == ["images", "speech", "transcription"]
    assert image.usage.output_tokens == pictured.tokens.image_output
    assert speech.content
    assert text.text == "word " * heard.tokens.output
