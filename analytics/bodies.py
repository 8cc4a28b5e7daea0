"""Bodies of HTTP requests, read no further than they may be long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request


async def whole_body(request: Request, most: int) -> bytes | None:
    """The body, or None as soon as it is longer than ``most`` bytes."""
    parts: list[bytes] = []
    total = 0
    async for part in request.stream():
        total += len(part)
        if total > most:
            return None
        parts.append(part)
    return b"".join(parts)
