"""LiteLLM's side: the one CustomLogger, and the only module of the collector that imports litellm."""

# ruff: noqa: ARG002  LiteLLM passes by keyword more than we use

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger

from . import host, lazy_streams
from .recorder import Recorder

if TYPE_CHECKING:
    from .settings import Settings

_FINAL = ("kwargs", "response_obj", "start_time", "end_time")
_CALLED_WITH = {
    "log_pre_api_call": ("model", "messages", "kwargs"),
    "log_post_api_call": _FINAL,
    "log_success_event": _FINAL,
    "log_failure_event": _FINAL,
    "async_log_success_event": _FINAL,
    "async_log_failure_event": _FINAL,
    "async_post_call_success_deployment_hook": ("request_data", "response", "call_type"),
    "async_post_call_failure_deployment_hook": ("request_data", "exception", "call_type", "fallback_depth"),
    "log_success_fallback_event": ("original_model_group", "kwargs", "original_exception"),
    "log_failure_fallback_event": ("original_model_group", "kwargs", "original_exception"),
}


class Collector(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """Hands what LiteLLM says to the recorder. Parameters are named as LiteLLM calls them, and it calls by keyword."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.recorder = Recorder(settings)

    def log_pre_api_call(self, model: Any = None, messages: Any = None, kwargs: Any = None, **_: Any) -> None:
        self.recorder.opened(kwargs)

    def log_post_api_call(
        self, kwargs: Any = None, response_obj: Any = None, start_time: Any = None, end_time: Any = None, **_: Any
    ) -> None:
        self.recorder.answered(kwargs, kwargs.get("original_response") if type(kwargs) is dict else None)

    def log_success_event(
        self, kwargs: Any = None, response_obj: Any = None, start_time: Any = None, end_time: Any = None, **_: Any
    ) -> None:
        self.recorder.final("success", kwargs, response_obj, end_time)

    def log_failure_event(
        self, kwargs: Any = None, response_obj: Any = None, start_time: Any = None, end_time: Any = None, **_: Any
    ) -> None:
        self.recorder.final("failure", kwargs, response_obj, end_time)

    async def async_log_success_event(
        self, kwargs: Any = None, response_obj: Any = None, start_time: Any = None, end_time: Any = None, **_: Any
    ) -> None:
        self.recorder.final("success", kwargs, response_obj, end_time)

    async def async_log_failure_event(
        self, kwargs: Any = None, response_obj: Any = None, start_time: Any = None, end_time: Any = None, **_: Any
    ) -> None:
        self.recorder.final("failure", kwargs, response_obj, end_time)

    async def async_post_call_success_deployment_hook(
        self, request_data: Any = None, response: Any = None, call_type: Any = None, **_: Any
    ) -> None:
        self.recorder.deployment_answered(request_data, response)

    async def async_post_call_failure_deployment_hook(
        self,
        request_data: Any = None,
        exception: Any = None,
        call_type: Any = None,
        fallback_depth: Any = None,
        **_: Any,
    ) -> None:
        self.recorder.failed(request_data, exception, fallback_depth)

    async def log_success_fallback_event(
        self, original_model_group: Any = None, kwargs: Any = None, original_exception: Any = None, **_: Any
    ) -> None:
        self.recorder.fallback(original_model_group, kwargs, original_exception, succeeded=True)

    async def log_failure_fallback_event(
        self, original_model_group: Any = None, kwargs: Any = None, original_exception: Any = None, **_: Any
    ) -> None:
        self.recorder.fallback(original_model_group, kwargs, original_exception, succeeded=False)


def register(collector: Collector) -> None:
    """Add the collector to LiteLLM's callbacks, once."""
    if not any(known is collector for known in litellm.callbacks):
        litellm.callbacks.append(collector)


def prepare(collector: Collector, *, stream_usage: bool, client_retries: bool) -> tuple[str, ...]:
    """See streams end inline and set what makes counts right; what this LiteLLM offers no way for, in words."""
    unseen = collector.recorder.watch(
        litellm,
        _member("litellm.responses.streaming_iterator", "BaseResponsesAPIStreamingIterator"),
        _member("litellm.router_utils.cooldown_cache", "CooldownCache"),
        lambda: _member("litellm.proxy.pass_through_endpoints.streaming_handler", "PassThroughStreamingHandler"),
    )
    missing = [f"{what} cannot be seen before the caller sees it" for what in unseen]
    wrapper = _member("litellm.litellm_core_utils.streaming_handler", "CustomStreamWrapper")
    unopened = lazy_streams.watch(wrapper, collector.recorder.failed)
    missing += [f"streams that fail to open cannot be seen without {name}" for name in unopened]
    openai = _member("litellm.llms.openai.openai", "OpenAIChatCompletion")
    azure = _member("litellm.llms.azure.azure", "AzureChatCompletion")
    missing += host.adjust(openai, azure, stream_usage=stream_usage, client_retries=client_retries)
    return tuple(missing)


def self_test(collector: Collector) -> tuple[str, ...]:
    """What would keep hooks from being called: signatures that differ from how this LiteLLM calls them."""
    problems = []
    for name, called_with in _CALLED_WITH.items():
        theirs = getattr(CustomLogger, name, None)
        if theirs is None:
            problems.append(f"this LiteLLM has no hook {name}")
            continue
        names = set(called_with) | {p for p in inspect.signature(theirs).parameters if p != "self"}
        try:
            inspect.signature(getattr(collector, name)).bind(**dict.fromkeys(names))
        except TypeError as error:
            problems.append(f"LiteLLM calls {name} in another way: {error}")
    return tuple(problems)


def _member(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
