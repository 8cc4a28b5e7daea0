"""``providers.toml`` in the Scalix folder: providers, groups of models, the cache. Unknown fields are refused."""

from __future__ import annotations

import stat
import sys
import tomllib
from typing import TYPE_CHECKING, Literal

import msgspec

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

FROM_ENVIRONMENT = "os.environ/"
"""What a key begins with that names a variable, as in LiteLLM's own configuration."""
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class ProviderTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[providers.NAME]``. All is optional: what is left out comes from the environment."""

    api_key: str | None = None
    """The key, or ``os.environ/VARIABLE``."""
    api_base: str | None = None
    api_version: str | None = None
    """Azure's."""
    models: list[str] = []
    """By the provider's own names, for Azure by those of the deployments; ``auto`` takes the first."""
    engine_url: str | None = None
    """Scalix Pro's Engine; the next four are its own."""
    gateway_url: str | None = None
    smart_context: bool = False
    lazy_edits: bool = False


class CacheTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[cache]``: where answers are kept, and for how long."""

    type: Literal["memory", "disk", "redis"]
    ttl_s: float = 600.0
    url: str | None = None
    """Redis's; otherwise ``REDIS_URL``."""
    folder: str | None = None
    """The disk cache's; otherwise ``cache`` in the Scalix folder."""


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    providers: dict[str, ProviderTable] = {}
    groups: dict[str, list[str]] = {}
    """Names for several models, each written ``provider/model``, among which routing chooses."""
    cache: CacheTable | None = None
    legacy_provider: str | None = None
    """Who answers everything in legacy mode; otherwise the first that is configured."""


def read(path: Path) -> File:
    """The file's content, empty when there is none.

    Raises SettingsError for what cannot be read or is unknown, and when others may read a file with keys in it.
    """
    try:
        content = path.read_text(encoding="utf-8")
        file = msgspec.convert(tomllib.loads(content), File)
    except FileNotFoundError:
        return File()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{path}: {error}") from None
    if sys.platform != "win32" and _holds_keys(file) and path.stat().st_mode & _OF_OTHERS:
        raise SettingsError(f"{path} holds keys and others may read it; chmod 600 it, or write os.environ/VARIABLE")
    return file


def _holds_keys(file: File) -> bool:
    return any(one.api_key and not one.api_key.startswith(FROM_ENVIRONMENT) for one in file.providers.values())
