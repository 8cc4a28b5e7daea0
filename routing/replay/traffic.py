"""Recorded requests: the decision about the first attempt of each, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from analytics import decisions
from routing.explaining import decoded

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.reading import Readable
    from routing.policy import Asked, Decision

MOST = 50_000


@dataclass(frozen=True)
class Request:
    """One request. Retries count towards it, whatever chose them."""

    decision: Decision
    used: Asked
    """What it really used, where that is known: other deployments are priced by it."""
    cost_usd: float
    seconds: float
    answered: bool


def recorded(
    start: datetime, end: datetime, group: str | None = None, ledger: Readable | None = None, *, most: int = MOST
) -> tuple[list[Request], int]:
    """Requests that routing acted on in a span, the latest first, and how many are left out for unknown cost."""
    rows = decisions.decided_requests(start, end, group, most, ledger)
    known = [row for row in rows if row["cost_usd"] is not None]
    return [_request(row) for row in known], len(rows) - len(known)


def _request(row: dict[str, object]) -> Request:
    decision = decoded(str(row["decision"]))
    prompt, output = row["input_tokens"], row["output_tokens"]
    used = decision.asked
    if isinstance(prompt, int) and isinstance(output, int):
        used = msgspec.structs.replace(used, input_tokens=float(prompt), output_tokens=float(output))
    return Request(
        decision=decision,
        used=used,
        cost_usd=float(row["cost_usd"]),  # type: ignore[arg-type]  # the query gives a DOUBLE
        seconds=float(row["seconds"] or 0.0),  # type: ignore[arg-type]  # same
        answered=bool(row["answered"]),
    )
