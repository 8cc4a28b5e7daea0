"""What the gateway answers when it says no, for clients of OpenAI and of Anthropic, and what it shows of errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from collector.scrub import without_secrets
from scalix.times import MICROSECONDS, from_us, now_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.access.spending import Refusal
    from scalix.snapshot import BudgetLimit

UNKNOWN = "that key is not known here"
_KINDS = {401: "auth_error", 403: "permission_error", 404: "not_found_error", 503: "api_error", 504: "timeout_error"}
_SENTENCES = {
    "requests": "no more than {limit:f} requests a minute",
    "tokens": "no more than {limit:f} tokens a minute",
    "parallel": "no more than {limit:f} calls at once",
}


def refused(
    status: int,
    message: str,
    *,
    kind: str | None = None,
    param: str | None = None,
    headers: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
) -> JSONResponse:
    """An error. Official clients of both companies read its ``type`` and its ``message``."""
    found = kind or _KINDS.get(status, "invalid_request_error")
    error = {"message": message, "type": found, "param": param, "code": str(status), **(facts or {})}
    return JSONResponse({"type": "error", "error": error}, status, headers)


def unknown_key() -> JSONResponse:
    """The same for every key that cannot call, whatever the reason."""
    return refused(401, UNKNOWN, headers={"WWW-Authenticate": "Bearer"})


def over_limit(refusal: Refusal) -> JSONResponse:
    """429 with what is used up and until when. A client need not try again before that."""
    kind, identifier = refusal.account
    whose = f"{kind} {refusal.alias or identifier}"
    scope = {"scope": {"kind": kind, "id": identifier, "alias": refusal.alias}}
    reset = {"reset_at": None if refusal.reset_us is None else from_us(refusal.reset_us).isoformat()}
    if refusal.reason in _SENTENCES:
        message = f"{whose} may make {_SENTENCES[refusal.reason].format(limit=refusal.limit)}"
        headers = {} if refusal.reset_us is None else {"Retry-After": str(_seconds_until(refusal.reset_us))}
        facts = {"limit": float(refusal.limit), **scope, **reset}
        return refused(429, message, kind="rate_limit_exceeded", headers=headers, facts=facts)
    amounts = {
        "spent": float(refusal.spent_usd),
        "reserved": float(refusal.reserved_usd),
        "limit": float(refusal.limit),
    }
    if refusal.reason == "unknown_price":
        message = f"{whose} has a budget, and the most that this call can cost is not known"
    else:
        message = (
            f"the budget of {whose} is used up: spent {refusal.spent_usd:f} USD, under way "
            f"{refusal.reserved_usd:f} USD, limit {refusal.limit:f} USD"
        )
    # Clients try 429 again by themselves, which is of no use before there is money.
    headers = {"x-should-retry": "false"}
    return refused(429, message, kind="budget_exceeded", headers=headers, facts={**amounts, **scope, **reset})


def over_ledger_budget(limit: BudgetLimit) -> JSONResponse:
    """429 for a budget that is kept over the ledger, which has been reached."""
    reset = None if limit.until_us is None else from_us(limit.until_us).isoformat()
    return refused(
        429,
        f"budget {limit.name} is used up",
        kind="budget_exceeded",
        headers={"x-should-retry": "false"},
        facts={"scope": {"kind": "budget", "id": limit.name, "alias": None, "of": limit.scope}, "reset_at": reset},
    )


def _seconds_until(moment_us: int) -> int:
    return max(-(-(moment_us - now_us()) // MICROSECONDS), 1)


def scrubbed_error(body: bytes, secrets: Sequence[str]) -> bytes:
    """An error's body without what looks like a secret, or is one of the gateway's own.

    Texts are looked through as they are meant, since their escapes in JSON would hide where a secret begins.
    """
    known = tuple(secrets)
    prefix, data = (b"data:", body[5:]) if body.startswith(b"data:") else (b"", body)
    try:
        return prefix + json.dumps(_without(json.loads(data), known), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return without_secrets(body.decode("utf-8", "replace"), known).encode()


def _without(value: Any, known: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return without_secrets(value, known)
    if isinstance(value, list):
        return [_without(one, known) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, known) for name, one in value.items()}
    return value


def is_error_event(line: bytes) -> bool:
    """Whether a line of a stream of events tells an error. A line that is no event might."""
    if not line.startswith(b"data:"):
        return b'"error"' in line
    try:
        event = json.loads(line[5:])
    except ValueError:
        return True
    if not isinstance(event, dict):
        return False
    inner = event.get("response")
    return bool(event.get("error") or (isinstance(inner, dict) and inner.get("error")))
