"""The wire formats: what a request asks for, and the bytes of an answer, one module for each format."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from scalix.demo.providers.wire import anthropic, gemini, ollama, openai, scalix_pro

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.demo.providers.calls import Answer, Call, Stream


class Wire(Protocol):
    """What each module of this package offers."""

    def parse(self, path: str, body: dict[str, Any]) -> Call:
        """What a request asks for. Raises DemoError for a path the format does not have."""

    def whole(self, call: Call, answer: Answer) -> bytes:
        """The answer in one piece."""

    def stream(self, call: Call, answer: Answer) -> Stream:
        """The answer as server-sent events."""

    def error(self, status: int, message: str, code: str | None) -> bytes:
        """An error answer's body."""

    def error_event(self, message: str) -> bytes:
        """The event that ends a stream with an error."""


WIRES: Mapping[str, Wire] = MappingProxyType(
    {
        "openai": openai,
        "azure": openai,
        "openrouter": openai,
        "lmstudio": openai,
        "anthropic": anthropic,
        "gemini": gemini,
        "ollama": ollama,
        scalix_pro.ENGINE: scalix_pro,
        scalix_pro.GATEWAY: scalix_pro,
    }
)
