"""Scalix: what LLM calls cost, whether they can be relied on, and which provider the next one should go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from scalix.installing import Status

__all__ = ["install", "models", "router"]


def install(*, strict: bool = False, stream_usage: bool = True, client_retries: bool = False) -> Status:
    """Record every LiteLLM call of this process from now on. Safe to call again, from any thread.

    With ``strict`` a problem found by the self-test raises ScalixError; otherwise it is logged and in the result.
    ``stream_usage=False`` leaves streams without usage where LiteLLM does not ask for it; ``client_retries=True``
    leaves the OpenAI client its own retries, which nobody can count.
    """
    from scalix.installing import install_collector  # noqa: PLC0415  loads litellm, which takes seconds

    return install_collector(strict=strict, stream_usage=stream_usage, client_retries=client_retries, register=True)


def router(model_list: list[dict[str, Any]] | None = None, **options: Any) -> Any:
    """A ``litellm.Router`` that records its calls and sends each to the deployment likely to answer it cheapest.

    Takes what LiteLLM's Router takes; without ``model_list`` it is made of the providers that are configured, with a
    group ``auto`` over all of them. Statistics come from the hub's snapshot in the Scalix folder and from this
    process; without a hub it goes by list prices and what it sees itself.
    """
    from scalix.routing_setup import router as made  # noqa: PLC0415  loads litellm, which takes seconds

    return made(model_list, **options)


def models(provider: str | None = None, *, everything: bool = False) -> list[Any]:
    """The models of the configured providers, or of one: name, LiteLLM's name, context length and list prices.

    ``everything`` adds those that LiteLLM's map knows of these providers and the settings do not name.
    """
    from scalix.providers_setup import models as listed  # noqa: PLC0415  loads litellm, which takes seconds

    return listed(provider, everything=everything)
