"""The recorded side of the comparison, read from the lake as anybody would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from scalix.demo.providers.tokens import Tokens
from scalix.store import sqlfiles
from scalix.store.lake_reader import read_lake

if TYPE_CHECKING:
    from scalix.folder import Folder


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt as it was recorded. Costs are picodollars; None is unknown."""

    call_id: str
    started_us: int
    request_id: str
    """The chain of attempts that this one belongs to."""
    provider: str
    """The fake provider's name, out of the address that was called."""
    label: str = ""
    """The provider as LiteLLM names it."""
    model: str
    streaming: bool
    status: str
    error_kind: str | None = None
    error_code: str | None = None
    response_id: str | None = None
    tokens: Tokens = Tokens()
    reported: bool = False
    """Whether the tokens are the provider's own count."""
    input_high: int | None = None
    output_high: int | None = None
    cost_pusd: int | None = None


def recorded_attempts(folder: Folder, since_us: int) -> list[Recorded]:
    """Every attempt that was handed to a provider since a moment, in the order in which it was taken in."""
    rows = read_lake(folder.lake_views, sqlfiles.text("demo/recorded_attempts"), {"since_us": since_us})
    return [_recorded(row) for row in rows]


def _recorded(row: dict[str, Any]) -> Recorded:
    return Recorded(
        call_id=row["call_id_text"],
        started_us=row["started_us"],
        request_id=row["request_id"],
        provider=_provider(row["api_base"], row["deployment_id"]),
        label=row["provider"] or "",
        model=row["model"] or "",
        streaming=row["streaming"],
        status=row["status"],
        error_kind=row["error_kind"],
        error_code=row["error_code"],
        response_id=row["response_id"],
        tokens=Tokens(**{name: row[name] for name in Tokens.__struct_fields__}),
        reported=row["tokens_source"] == "reported",
        input_high=row["input_tokens_high"],
        output_high=row["output_tokens_high"],
        cost_pusd=row["cost_pusd"],
    )


def _provider(api_base: str | None, deployment_id: str | None) -> str:
    """The first segment of the address names the fake; without an address, the deployment's name begins with it."""
    if api_base:
        return urlsplit(api_base).path.lstrip("/").partition("/")[0]
    return (deployment_id or "").partition("-")[0]
