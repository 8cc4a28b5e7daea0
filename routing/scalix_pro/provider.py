"""LiteLLM's side of Scalix Pro: a CustomLLM over LiteLLM's own OpenAI handler. The only module here importing litellm.

That handler's clients, time limits and error mapping are those of every OpenAI-compatible provider; the collector sees
its requests as it sees theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import litellm
from litellm.litellm_core_utils.llm_response_utils.convert_dict_to_response import convert_to_model_response_object
from litellm.llms.custom_llm import CustomLLM
from litellm.llms.openai.openai import OpenAIChatCompletion
from litellm.types.utils import ModelResponseStream

from scalix.errors import NotConfiguredError, SettingsError

from .chunks import in_order, in_order_sync
from .opening import Unopened, UnopenedSync, open_in_time
from .request import prepare
from .settings import PROVIDER, checked_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .request import Request
    from .settings import ScalixPro

_SPEAKS = "custom_openai"
"""The provider by whose rules LiteLLM is to read the errors of an OpenAI-compatible server."""
_NO_UPSTREAM = "litellm_no_upstream_llm_call"
"""LiteLLM's mark on a call that was refused before any provider was asked."""


class Call:
    """One call as LiteLLM hands it to a custom provider, and what is asked for it."""

    def __init__(self, settings: ScalixPro, given: dict[str, Any]) -> None:
        self.model: str = given["model"]
        self.given = given
        self.logging: Any = given["logging_obj"]
        details = self.logging.model_call_details
        metadata = (given.get("litellm_params") or {}).get("metadata") or {}
        try:
            self.key = checked_key(given.get("api_key") or settings.api_key)
            self.request: Request = prepare(
                settings,
                self.model,
                given["messages"],
                given["optional_params"],
                user=details.get("user") or metadata.get("scalix_user"),
                api_base=given.get("api_base"),
            )
        except SettingsError as error:
            details[_NO_UPSTREAM] = True
            raise _refusal(error, self.model) from error

    def client(self, handler: Any, *, is_async: bool) -> Any:
        """LiteLLM's own client for this address and key, kept by it for further calls."""
        return handler._get_openai_client(  # noqa: SLF001  the handler's public name passes arguments by position
            is_async=is_async,
            api_key=self.key,
            api_base=self.request.base_url,
            timeout=self.given["timeout"],
            max_retries=0,
        )

    def announce(self) -> dict[str, Any]:
        """Tell LiteLLM's hooks that the request goes out now; what the client is to be given."""
        data = {**self.request.data, "extra_headers": self.given.get("headers") or {}}
        self.logging.pre_call(
            input=data["messages"],
            api_key=self.key,
            additional_args={"api_base": self.request.base_url, "complete_input_dict": data},
        )
        return data

    def response(self, headers: Any, answered: Any) -> Any:
        """LiteLLM's response for the client's, and word of it to the hooks."""
        answer = answered.model_dump()
        self.logging.post_call(
            input=self.request.data["messages"],
            api_key=self.key,
            original_response=answer,
            additional_args={"complete_input_dict": self.request.data},
        )
        self.logging.model_call_details["response_headers"] = headers
        return convert_to_model_response_object(
            response_object=answer,
            model_response_object=self.given["model_response"],
            hidden_params={"headers": headers},
            _response_headers=headers,
        )

    def error(self, error: Exception) -> Any:
        """LiteLLM's exception for what the client raised, in the name of this provider."""
        try:
            mapped = litellm.exception_type(
                model=self.model, original_exception=error, custom_llm_provider=_SPEAKS, completion_kwargs={}
            )
        except Exception as found:  # noqa: BLE001  LiteLLM raises the exception it maps to
            mapped = found
        mapped.llm_provider = PROVIDER
        mapped.message = str(mapped.message).replace(_SPEAKS.capitalize(), PROVIDER.capitalize())
        return mapped


class ScalixProProvider(CustomLLM):  # type: ignore[misc]  # LiteLLM is not analysed, so its base class is untyped
    """The handler that ``custom_provider_map`` names for ``scalix-pro``."""

    def __init__(self, settings: ScalixPro) -> None:
        super().__init__()
        self.settings = settings
        self._openai = OpenAIChatCompletion()

    def completion(self, **given: Any) -> Any:
        call = Call(self.settings, given)
        return call.response(*self._ask(call))

    async def acompletion(self, **given: Any) -> Any:
        call = Call(self.settings, given)
        return call.response(*await self._ask_async(call))

    def streaming(self, **given: Any) -> UnopenedSync:
        call = Call(self.settings, given)

        def opened() -> Iterator[Any]:
            return in_order_sync(self._ask(call)[1], _chunk)

        return UnopenedSync(opened)

    def astreaming(self, **given: Any) -> Unopened:
        call = Call(self.settings, given)

        async def opened() -> AsyncIterator[Any]:
            return in_order((await self._ask_async(call))[1], _chunk)

        return Unopened(opened)

    def _ask(self, call: Call) -> Any:
        """Headers and answer."""
        data = call.announce()
        try:
            return self._openai.make_sync_openai_chat_completion_request(
                openai_client=call.client(self._openai, is_async=False),
                data=data,
                timeout=call.given["timeout"],
                logging_obj=call.logging,
            )
        except Exception as error:  # whatever the client raises becomes LiteLLM's exception for it
            raise call.error(error) from error

    async def _ask_async(self, call: Call) -> Any:
        """Headers and answer."""
        data = call.announce()
        try:
            return await self._openai.make_openai_chat_completion_request(
                openai_aclient=call.client(self._openai, is_async=True),
                data=data,
                timeout=call.given["timeout"],
                logging_obj=call.logging,
            )
        except Exception as error:  # whatever the client raises becomes LiteLLM's exception for it
            raise call.error(error) from error


def _refusal(error: SettingsError, model: str) -> Any:
    """A provider that is not set up should make way for another, as with a wrong key; a wrong request should not."""
    kind = litellm.AuthenticationError if isinstance(error, NotConfiguredError) else litellm.BadRequestError
    return kind(message=str(error), llm_provider=PROVIDER, model=model)


def _chunk(chunk: Any) -> Any:
    return ModelResponseStream(**chunk.model_dump())


def made(settings: ScalixPro) -> ScalixProProvider:
    """The provider, with LiteLLM prepared to open its streams in time."""
    open_in_time(litellm.main)
    return ScalixProProvider(settings)


def register(provider: ScalixProProvider) -> None:
    """Make ``scalix-pro/…`` a model that LiteLLM knows, once per process."""
    known = [entry for entry in litellm.custom_provider_map if entry["provider"] != PROVIDER]
    litellm.custom_provider_map = [*known, {"provider": PROVIDER, "custom_handler": provider}]
    litellm.utils.custom_llm_setup()
