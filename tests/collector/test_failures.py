"""Every exception LiteLLM raises has a kind, and none of LiteLLM is imported to find it."""

from __future__ import annotations

import asyncio

import httpx
import litellm
import openai
import pytest

from collector.failures import kind_of

RESPONSE = httpx.Response(500, request=httpx.Request("POST", "http://127.0.0.1"))


def made(name: str) -> Exception:
    kind = getattr(litellm.exceptions, name)
    for arguments in ({"message": "m", "model": "x", "llm_provider": "openai"},):
        try:
            return kind(**arguments)  # type: ignore[no-any-return]  # LiteLLM is untyped here
        except TypeError:
            return kind(**arguments, response=RESPONSE)  # type: ignore[no-any-return]  # same
    raise AssertionError


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RateLimitError", "rate_limit"),
        ("Timeout", "timeout"),
        ("AuthenticationError", "auth"),
        ("PermissionDeniedError", "permission"),
        ("NotFoundError", "not_found"),
        ("BadRequestError", "bad_request"),
        ("UnprocessableEntityError", "bad_request"),
        ("ContextWindowExceededError", "context_window"),
        ("ContentPolicyViolationError", "content_policy"),
        ("InternalServerError", "server"),
        ("ServiceUnavailableError", "server"),
        ("BadGatewayError", "server"),
        ("APIConnectionError", "network"),
    ],
)
def test_litellms_own_errors(name: str, kind: str) -> None:
    assert kind_of(made(name)) == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (litellm.BudgetExceededError(current_cost=2, max_budget=1), "rejected"),
        (asyncio.CancelledError(), "cancelled"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError(), "network"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("no"), "network"),
        (openai.APITimeoutError(request=httpx.Request("POST", "http://x")), "timeout"),
        (ValueError("what?"), "unknown"),
    ],
)
def test_errors_of_others(error: BaseException, kind: str) -> None:
    assert kind_of(error) == kind


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limit"), ("503", "server"), (499, "client_disconnect")])
def test_an_unknown_class_is_told_by_its_status(status: object, kind: str) -> None:
    class SomethingNew(Exception):  # noqa: N818  the point is a name nobody knows
        status_code = status

    assert kind_of(SomethingNew()) == kind


def test_the_error_behind_a_broken_stream_counts() -> None:
    error = litellm.exceptions.MidStreamFallbackError(
        message="m", model="x", llm_provider="openai", original_exception=made("RateLimitError")
    )
    assert kind_of(error) == "rate_limit"
