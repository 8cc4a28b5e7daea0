"""What went wrong, told from an exception's class names and status codes alone, so that nothing heavy is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .guard import guard
from .scrub import scrubbed
from .values import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent, ErrorKind

BY_CLASS: dict[str, ErrorKind] = {
    "RateLimitError": "rate_limit",
    "Timeout": "timeout",
    "APITimeoutError": "timeout",
    "TimeoutError": "timeout",
    "TimeoutException": "timeout",
    "AuthenticationError": "auth",
    "PermissionDeniedError": "permission",
    "PaymentRequiredError": "permission",
    "NotFoundError": "not_found",
    "ContextWindowExceededError": "context_window",
    "ContentPolicyViolationError": "content_policy",
    "BadRequestError": "bad_request",
    "UnprocessableEntityError": "bad_request",
    "InvalidRequestError": "bad_request",
    "InternalServerError": "server",
    "BadGatewayError": "server",
    "ServiceUnavailableError": "server",
    "APIResponseValidationError": "server",
    "JSONSchemaValidationError": "server",
    "APIConnectionError": "network",
    "NetworkError": "network",
    "ReadError": "network",
    "RemoteProtocolError": "network",
    "ClientError": "network",
    "ConnectionError": "network",
    "CancelledError": "cancelled",
    "ClientDisconnected": "client_disconnect",
    "ClientDisconnect": "client_disconnect",
    "BudgetExceededError": "rejected",
    "RouterRateLimitError": "rejected",
    "RouterRateLimitErrorBasic": "rejected",
    "GuardrailRaisedException": "rejected",
    "GuardrailInterventionNormalStringError": "rejected",
    "BlockedPiiEntityError": "rejected",
    "RejectedRequestError": "rejected",
}
BY_STATUS: dict[int, ErrorKind] = {
    400: "bad_request",
    401: "auth",
    402: "permission",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "bad_request",
    422: "bad_request",
    429: "rate_limit",
    499: "client_disconnect",
    504: "timeout",
}
SERVER_STATUS = 500
_PROXY_REFUSALS = frozenset({"ProxyException", "HTTPException"})


def kind_of(error: BaseException) -> ErrorKind:
    """The kind of an exception; ``unknown`` when neither its class nor its status says."""
    origin = getattr(error, "original_exception", None)
    if isinstance(origin, BaseException) and origin is not error:
        found = _by_class(type(origin))
        if found is not None:
            return found
    return _by_class(type(error)) or _by_status(getattr(error, "status_code", None)) or "unknown"


def record(event: AttemptEvent, error: BaseException, known_secrets: tuple[str, ...]) -> None:
    """Write class, code, kind and scrubbed message of an exception into the event."""
    event.error_class = text(type(error).__name__)
    event.error_code = _code(getattr(error, "status_code", None))
    event.error_kind = kind_of(error)
    with guard:  # the error's own text may raise, and the rest is worth having without it
        event.error_message = scrubbed(str(error), known_secrets)


def record_information(event: AttemptEvent, payload: Mapping[str, Any], known_secrets: tuple[str, ...]) -> bool:
    """The same from a payload's ``error_information``; False when it names no error."""
    info = mapping(payload.get("error_information"))
    name = text(info.get("error_class"))
    if name is None:
        return False
    event.error_class = name
    event.error_code = text(info.get("error_code"))
    event.error_kind = BY_CLASS.get(name) or _by_status(event.error_code) or "unknown"
    message = info.get("error_message")
    event.error_message = scrubbed(message, known_secrets) if type(message) is str else None
    return True


def refused_by_proxy(event: AttemptEvent) -> bool:
    """Whether an attempt that reached no provider was turned away by LiteLLM's proxy or router."""
    return event.error_kind == "rejected" or event.error_class in _PROXY_REFUSALS


def _by_class(kind: type) -> ErrorKind | None:
    for base in kind.__mro__:
        found = BY_CLASS.get(base.__name__)
        if found is not None:
            return found
    return None


def _by_status(status: object) -> ErrorKind | None:
    code = _code(status)
    if code is None or not code.isdecimal():
        return None
    number = int(code[:6])
    return BY_STATUS.get(number) or ("server" if number >= SERVER_STATUS else None)


def _code(status: object) -> str | None:
    return str(status) if type(status) is int else text(status)
