"""What people are told of a failed call, in plain words, by its kind; the cause stays beneath."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .chain import Attempt

PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "rate_limit": "{who} takes no more requests for now; try again {when}, or raise the limit there",
        "timeout": "{who} did not answer in time; try again, or allow more time",
        "auth": "{who} does not accept the key; check the key that is set for it",
        "permission": "{who} does not allow this with the key in use; check its rights, its plan and its balance",
        "not_found": "{who} does not know this model or address; check the model's name",
        "context_window": "the prompt is too long for this model; shorten it, or use one with a larger context",
        "content_policy": "{who} refuses this content by its policy; change the request",
        "bad_request": "{who} says the request is wrong; correct it, trying again will not help",
        "server": "{who} has a problem of its own; try again later",
        "network": "{who} cannot be reached; check the network and the address, or try again later",
        "cancelled": "the call was cancelled before {who} had answered",
        "client_disconnect": "the caller went away before {who} had answered",
        "rejected": "the call was refused before any provider was asked",
        "unknown": "the call to {who} failed for a reason it does not name",
    }
)
"""One sentence for each kind of error in the ledger; ``who`` is the provider, ``when`` follows its Retry-After."""
_TITLES = {
    "anthropic": "Anthropic",
    "azure": "Azure OpenAI",
    "gemini": "Google",
    "litellm_proxy": "the LiteLLM Proxy",
    "lm_studio": "LM Studio",
    "ollama": "Ollama",
    "ollama_chat": "Ollama",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "scalix-pro": "Scalix Pro",
}


def plain(kind: str, provider: str, retry_after_s: float | None = None) -> str:
    """One sentence for people: what happened and what to do."""
    when = "later" if retry_after_s is None else f"in {retry_after_s:g} s"
    return PLAIN.get(kind, PLAIN["unknown"]).format(who=title(provider), when=when)


def title(provider: str) -> str:
    """The provider's name as people write it."""
    return _TITLES.get(provider, provider or "the provider")


def history(attempts: Sequence[Attempt]) -> str:
    """One line for each failed attempt, in order."""
    lines = [f"  {number}. {_line(attempt)}" for number, attempt in enumerate(attempts, 1)]
    return "\n".join(lines)


def _line(attempt: Attempt) -> str:
    status = f" {attempt.status}" if attempt.status else ""
    who = f"{title(attempt.provider)}, {attempt.model} ({attempt.deployment_id})"
    return f"{who}: {attempt.kind}{status}, {attempt.message}"
