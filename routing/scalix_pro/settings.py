"""What Scalix Pro can be told: its two addresses, its key, and which of the Engine's features are on by default."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from scalix.errors import NotConfiguredError

from ..catalogue.file import FROM_ENVIRONMENT, ProviderTable

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDER = "scalix-pro"
"""The first part of a model's name, ``scalix-pro/claude-sonnet-4-5``, and the provider in the ledger."""
KEY_PREFIX = "scalix_"
KEY_VARIABLE = "SCALIX_PRO_API_KEY"
ENGINE_VARIABLE = "SCALIX_PRO_ENGINE_URL"
GATEWAY_VARIABLE = "SCALIX_PRO_GATEWAY_URL"


class ScalixPro(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses are base URLs, below which lies ``/chat/completions``."""

    engine_url: str | None = None
    gateway_url: str | None = None
    api_key: str | None = None
    smart_context: bool = False
    """Whether calls that do not say so themselves want the Engine to pick the files that matter."""
    lazy_edits: bool = False
    """Whether calls that do not say so themselves want the Engine to fill in edits that leave parts out."""

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing_extensions may be missing in the host
        """Without the key: settings end up in logs."""
        return f"ScalixPro(engine_url={self.engine_url!r}, gateway_url={self.gateway_url!r})"


def settings(table: ProviderTable | None, environment: Mapping[str, str] | None = None) -> ScalixPro:
    """Settings from the table ``[providers.scalix-pro]``, what it leaves out from ``SCALIX_PRO_*`` variables."""
    env = os.environ if environment is None else environment
    given = table or ProviderTable()
    key = given.api_key
    if key and key.startswith(FROM_ENVIRONMENT):
        key = env.get(key.removeprefix(FROM_ENVIRONMENT))
    return ScalixPro(
        engine_url=given.engine_url or env.get(ENGINE_VARIABLE) or None,
        gateway_url=given.gateway_url or env.get(GATEWAY_VARIABLE) or None,
        api_key=key or env.get(KEY_VARIABLE) or None,
        smart_context=given.smart_context,
        lazy_edits=given.lazy_edits,
    )


def checked_key(key: str | None) -> str:
    """The key, if Scalix Pro can have issued it. Raises NotConfiguredError, which never repeats the key."""
    if not key:
        raise NotConfiguredError(f"no key for Scalix Pro; set {KEY_VARIABLE} or give api_key")
    if not key.startswith(KEY_PREFIX):
        raise NotConfiguredError(
            f"a key of Scalix Pro begins with {KEY_PREFIX}, this one does not; check {KEY_VARIABLE}"
        )
    return key
