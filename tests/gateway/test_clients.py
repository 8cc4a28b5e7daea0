"""Official clients as they are: OpenAI's, Anthropic's and LiteLLM's SDK for Python, over HTTP against the gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anthropic
import litellm
import openai
import pytest

from tests.gateway.running import MESSAGES, Gateway

if TYPE_CHECKING:
    from tests.collector.fake_provider import FakeProvider

TOOL: Any = {
    "type": "function",
    "function": {"name": "weather", "description": "the weather", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def client(gateway: Gateway) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{gateway.base}/v1", api_key=gateway.key(1), max_retries=0)


def test_openai_chats_and_streams(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=50)
    assert (answer.choices[0].message.content, bool(answer.usage)) == ("hello world", True)
    stream = client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=50, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices) == "abcde"


def test_openai_calls_tools(client: openai.OpenAI, provider: FakeProvider) -> None:
    answer = client.chat.completions.create(model="chat", messages=MESSAGES, tools=[TOOL], tool_choice="auto")
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    assert [(call.type, call.type == "function" and call.function.name) for call in calls] == [("function", "weather")]
    assert provider.hits[-1].body["tools"] == [TOOL]


def test_openai_embeds_and_responds(client: openai.OpenAI) -> None:
    assert client.embeddings.create(model="chat", input=["hi"], encoding_format="float").data[0].embedding == [0.1, 0.2]
    response = client.responses.create(model="chat", input="hi", max_output_tokens=50)
    assert response.output_text == "hello world"
    events = client.responses.create(model="chat", input="hi", max_output_tokens=50, stream=True)
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "abcde"


def test_openai_lists_models_and_understands_refusals(gateway: Gateway, client: openai.OpenAI) -> None:
    assert {"chat", "pair"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("chat").id == "chat"
    poor = openai.OpenAI(base_url=f"{gateway.base}/v1", api_key=gateway.key(1e-9))
    with pytest.raises(openai.RateLimitError) as refused:
        poor.chat.completions.create(model="chat", messages=MESSAGES)
    assert refused.value.type == "budget_exceeded"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{gateway.base}/v1", api_key="sk-wrong").models.list()


def test_anthropic_answers_streams_and_counts(gateway: Gateway) -> None:
    key = gateway.key(1)
    client = anthropic.Anthropic(base_url=gateway.base, api_key=key, max_retries=0)
    answer = client.messages.create(model="claude", max_tokens=50, messages=MESSAGES)
    assert [block.text for block in answer.content if block.type == "text"] == ["hello world"]
    with client.messages.stream(model="claude", max_tokens=50, messages=MESSAGES) as stream:
        assert "".join(stream.text_stream) == "hello"
    assert gateway.settled(key).account.spent_usd > 0
    with pytest.raises(anthropic.AuthenticationError):
        anthropic.Anthropic(base_url=gateway.base, api_key="wrong").messages.create(
            model="claude", max_tokens=5, messages=MESSAGES
        )


def test_litellm_calls_it_as_a_proxy(gateway: Gateway) -> None:
    call = {"model": "litellm_proxy/chat", "api_base": gateway.base, "api_key": gateway.key(1), "messages": MESSAGES}
    answer = litellm.completion(**call, max_tokens=50)
    assert answer.choices[0].message.content == "hello world"
    stream = litellm.completion(**call, max_tokens=50, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "abcde"


def test_scalix_pro_keeps_its_tags_streamed_and_not(client: openai.OpenAI) -> None:
    options = {"files": [{"path": "src/App.tsx", "content": "<div/>"}], "enable_lazy_edits": True}
    call: Any = {"model": "pro", "messages": MESSAGES, "max_tokens": 50, "extra_body": {"scalix_options": options}}
    answer = client.chat.completions.create(**call)
    text = answer.choices[0].message.content or ""
    assert text.startswith("<scalix-write ")
    assert text.endswith("</scalix-write>")
    stream = client.chat.completions.create(**call, stream=True)
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert (streamed[:14], streamed[-15:]) == (text[:14], text[-15:])


def test_scalix_options_reach_the_engine_and_thinking_passes(
    gateway: Gateway, client: openai.OpenAI, providers: Any
) -> None:
    options = {"files": [{"path": "a", "content": "b"}], "enable_smart_files_context": True}
    thinking = {"type": "enabled", "budget_tokens": 1024}
    body = {"scalix_options": options, "thinking": thinking}
    client.chat.completions.create(model="pro", messages=MESSAGES, extra_body=body)
    seen = providers.requests("engine-app")[-1]
    assert seen.scalix_options["files"] == options["files"]
    assert gateway.post(gateway.key(1), model="pro").status_code == 200
    assert providers.requests("gateway-app")


def test_what_is_sent_with_a_request_counts_for_what_it_may_cost(gateway: Gateway) -> None:
    key = gateway.key(0.0005)
    files = [{"path": "a", "content": "x" * 100_000}]
    assert gateway.post(key, model="pro", max_tokens=10).status_code == 200
    refused = gateway.post(key, model="pro", max_tokens=10, scalix_options={"files": files})
    assert refused.status_code == 429, json.dumps(refused.json())
