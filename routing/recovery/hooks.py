"""LiteLLM's side of recovery: notes every failed attempt, and gives a Router our retries and our messages."""

# ruff: noqa: ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger

from ..answers import retry_after_of
from . import chain
from .chain import MESSAGE_LIMIT, Attempt
from .telling import tell
from .waiting import wait_s, worth_another

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    KindOf = Callable[[BaseException], str | None]


class RecoveryHooks(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Hears of every failed attempt while it is handled, synchronous or not, and adds it to its request's chain."""

    def __init__(self, kind_of: KindOf, guard: AbstractContextManager[None]) -> None:
        """``kind_of`` names the kind of an error; ``guard`` keeps and counts what goes wrong in here."""
        super().__init__()
        self.kind_of = kind_of
        self._guard = guard

    async def async_post_call_failure_deployment_hook(
        self, request_data: Any = None, exception: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        self.note(request_data, exception)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self.note(kwargs, (kwargs or {}).get("exception"))

    def note(self, data: Any, error: Any, _: Any = None) -> None:
        """An attempt failed."""
        with self._guard:
            request = chain.present()
            if request is not None and isinstance(error, BaseException):
                details = getattr((data or {}).get("litellm_logging_obj"), "model_call_details", None) or data or {}
                request.add(_attempt(details, error, self.kind_of(error) or "unknown"))

    def prepare(self, router: Any, hint: Callable[[str], str | None] = lambda _: None) -> None:
        """Have a Router try again as `waiting` says, and fail as `telling` says.

        ``hint`` tells what to do about a model's name that the Router does not know.
        """
        original = router.async_function_with_fallbacks

        async def told(*args: Any, **kwargs: Any) -> Any:
            with chain.request() as (request, begins):
                try:
                    return await original(*args, **kwargs)
                except Exception as error:
                    if begins:
                        with self._guard:
                            kind = self.kind_of(error) or "unknown"
                            if _resting_s(error) and request.attempts:
                                kind = request.attempts[-1].kind
                            asked = str(kwargs.get("model") or "")
                            tell(error, kind, request.attempts, _asked_s(error), hint(asked))
                    raise

        router.async_function_with_fallbacks = told
        router.should_retry_this_error = self._should_retry
        router._time_to_sleep_before_retry = partial(_wait_s, router)  # noqa: SLF001  where a Router decides it

    def _should_retry(
        self, error: Any, healthy_deployments: Any = None, all_deployments: Any = None, **fallbacks: Any
    ) -> bool:
        """In place of the Router's own: raises the error when it is not worth another attempt."""
        elsewhere = (
            (litellm.ContextWindowExceededError, "context_window_fallbacks"),
            (litellm.ContentPolicyViolationError, "content_policy_fallbacks"),
        )
        if any(isinstance(error, kind) and fallbacks.get(name) for kind, name in elsewhere):
            raise error
        others = bool(_untried(healthy_deployments))
        kind = "rate_limit" if _resting_s(error) else self.kind_of(error) or "unknown"
        if not worth_another(kind, others=others, asked_s=_asked_s(error)):
            raise error
        return True


def _wait_s(
    router: Any, e: Any, remaining_retries: int, num_retries: int, healthy_deployments: Any = None, **_: Any
) -> float:
    """In place of the Router's own. While it leaves all deployments alone, a retry would find none."""
    resting_s = 0.0 if healthy_deployments else float(router.cooldown_time or 0.0)
    return wait_s(
        num_retries - remaining_retries,
        random.random(),  # noqa: S311  spreads callers, keeps no secret
        others=bool(_untried(healthy_deployments)),
        asked_s=max(_asked_s(e) or 0.0, resting_s),
    )


def _untried(deployments: Any) -> list[str]:
    request = chain.present()
    names = [str((one.get("model_info") or {}).get("id") or "") for one in deployments or ()]
    return [name for name in names if request is None or name not in request.deployments]


def _resting_s(error: Any) -> float | None:
    """How long all deployments of a group are still left alone by the Router, when that is what the error says."""
    resting = getattr(error, "cooldown_time", None)
    return float(resting) if isinstance(resting, int | float) and resting > 0 else None


def _asked_s(error: Any) -> float | None:
    return _resting_s(error) or retry_after_of(error)


def _attempt(details: Any, error: Any, kind: str) -> Attempt:
    params = details.get("litellm_params") or {}
    message = str(getattr(error, "message", None) or error).partition("\n")[0]
    return Attempt(
        call_id=f"{details.get('litellm_call_id') or ''}/{details.get('api_call_start_time') or ''}",
        provider=str(details.get("custom_llm_provider") or getattr(error, "llm_provider", None) or ""),
        model=str(details.get("model") or ""),
        deployment_id=str((params.get("model_info") or {}).get("id") or ""),
        kind=kind,
        status=str(getattr(error, "status_code", None) or ""),
        message=message[:MESSAGE_LIMIT],
    )


def register(hooks: RecoveryHooks) -> None:
    """Add the hooks to LiteLLM's callbacks, once."""
    if not any(known is hooks for known in litellm.callbacks):
        litellm.callbacks.append(hooks)
