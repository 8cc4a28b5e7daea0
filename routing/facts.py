"""What is known of a deployment before it was ever asked: list prices, and what its model can do."""

from __future__ import annotations

from typing import Any

import msgspec


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """None is unknown. Prices are dollars for one token."""

    provider: str | None = None
    model: str | None = None
    list_input_usd: float | None = None
    list_cached_usd: float | None = None
    list_output_usd: float | None = None
    context_tokens: int | None = None
    tools: bool | None = None
    vision: bool | None = None
    streaming: bool | None = None


NOTHING = Facts()


def deployment_id(deployment: Any) -> str:
    """LiteLLM's id of a deployment."""
    return str((deployment.get("model_info") or {}).get("id") or "")
