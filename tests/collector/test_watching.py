"""Looking on at LiteLLM's own functions changes nothing about them: results and errors pass, each failure told once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from collector import lazy_streams, moments
from collector.guard import guard


class UpstreamError(Exception):
    """What a provider's client raises."""


class Told:
    """Collects what is reported."""

    def __init__(self) -> None:
        self.failures: list[tuple[Any, BaseException]] = []

    def failed(self, details: Any, error: Any, *_: object) -> None:
        self.failures.append((details, error))


@pytest.fixture
def told() -> Told:
    return Told()


def _retried(*args: object, **kwargs: object) -> tuple[object, ...]:
    return (*args, *sorted(kwargs))


def _litellm() -> Any:
    return SimpleNamespace(completion_with_retries=_retried, responses_with_retries=_retried)


def _in_handler(litellm: Any, error: BaseException, **kwargs: object) -> object:
    """Calls the retry as LiteLLM does: in the handler of the failure."""
    try:
        raise error
    except UpstreamError:
        return litellm.completion_with_retries("model", **kwargs)


def test_a_failure_litellm_retries_by_itself_is_told_once_with_its_details(told: Told) -> None:
    litellm, error = _litellm(), UpstreamError("429")
    details = {"litellm_call_id": "one"}
    assert moments.own_retries(litellm, told.failed)
    logging = SimpleNamespace(model_call_details=details)
    assert _in_handler(litellm, error, litellm_logging_obj=logging) == ("model", "litellm_logging_obj")
    assert told.failures == [(details, error)]


def test_a_retry_outside_of_a_handler_or_without_details_tells_nothing(told: Told) -> None:
    litellm = _litellm()
    moments.own_retries(litellm, told.failed)
    assert litellm.completion_with_retries("model") == ("model",)
    _in_handler(litellm, UpstreamError("429"))
    assert told.failures == []


def test_functions_are_wrapped_once_however_often_they_are_watched(told: Told) -> None:
    litellm = _litellm()
    moments.own_retries(litellm, told.failed)
    once = litellm.completion_with_retries
    assert moments.own_retries(litellm, told.failed)
    assert litellm.completion_with_retries is once


def test_a_litellm_without_the_function_is_said_to_be_without(told: Told) -> None:
    assert not moments.own_retries(SimpleNamespace(), told.failed)
    assert lazy_streams.watch(None, told.failed) == ("fetch_stream", "fetch_sync_stream")


def test_an_error_of_ours_while_looking_on_is_counted_and_the_call_goes_on() -> None:
    litellm, before = _litellm(), guard.errors

    def broken(_details: object, _error: object) -> None:
        raise RuntimeError("ours")

    moments.own_retries(litellm, broken)
    logging = SimpleNamespace(model_call_details={"litellm_call_id": "one"})
    assert _in_handler(litellm, UpstreamError("429"), litellm_logging_obj=logging) == ("model", "litellm_logging_obj")
    assert guard.errors == before + 1


def _wrapper(outcome: BaseException | str) -> Any:
    class Wrapper:
        """The parts of LiteLLM's stream wrapper that open a stream."""

        logging_obj = "the call"

        def fetch_sync_stream(self) -> str:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        async def fetch_stream(self) -> str:
            return self.fetch_sync_stream()

    return Wrapper


def _open(stream: Any, name: str) -> str:
    opening = getattr(stream, name)()
    opened: str = asyncio.run(opening) if asyncio.iscoroutine(opening) else opening
    return opened


@pytest.mark.parametrize("name", ["fetch_stream", "fetch_sync_stream"])
def test_a_stream_that_opens_is_passed_through(told: Told, name: str) -> None:
    wrapper = _wrapper("opened")
    assert lazy_streams.watch(wrapper, told.failed) == ()
    assert _open(wrapper(), name) == "opened"
    assert told.failures == []


def test_a_stream_that_cannot_be_opened_raises_as_before_and_is_told_once(told: Told) -> None:
    error = UpstreamError("503")
    wrapper = _wrapper(error)
    for _ in range(2):
        lazy_streams.watch(wrapper, told.failed)
    with pytest.raises(UpstreamError) as raised:
        _open(wrapper(), "fetch_sync_stream")
    assert raised.value is error
    assert told.failures == [({"litellm_logging_obj": "the call"}, error)]


def test_an_asynchronous_stream_that_cannot_be_opened_is_told(told: Told) -> None:
    error = UpstreamError("503")
    wrapper = _wrapper(error)
    lazy_streams.watch(wrapper, told.failed)
    with pytest.raises(UpstreamError):
        _open(wrapper(), "fetch_stream")
    assert (told.failures[0]) == ({"litellm_logging_obj": "the call"}, error)
