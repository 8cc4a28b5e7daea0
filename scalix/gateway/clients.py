"""Which software calls, as far as it says so: for the light on the Setup page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_KNOWN = (
    ("scalix", "Scalix app"),
    ("anthropic/js", "Anthropic SDK for Node"),
    ("anthropic/", "Anthropic SDK"),
    ("asyncanthropic/", "Anthropic SDK"),
    ("ai-sdk/", "Vercel AI SDK"),
    ("litellm/", "LiteLLM SDK"),
    ("openai/js", "OpenAI SDK for Node"),
    ("openai/", "OpenAI SDK"),
    ("asyncopenai/", "OpenAI SDK"),
    ("python-httpx", "httpx"),
    ("curl/", "curl"),
)


def client_of(headers: Mapping[str, str]) -> str:
    """The client's name by its User-Agent."""
    agent = headers.get("user-agent", "").lower()
    return next((name for sign, name in _KNOWN if sign in agent), "another client")
