"""LiteLLM's configuration, yours or a new one, extended by what makes it the gateway; and the admin's key."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import yaml

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.folder import Folder

MASTER_KEY = "LITELLM_MASTER_KEY"
# The gateway's comes before routing's: what a call has no money for is no candidate.
CALLBACKS = (
    "scalix.litellm_callback.collector",
    "scalix.gateway_hooks.gateway",
    "scalix.routing_callback.routing",
)
AUTHENTICATE = "scalix.gateway_hooks.authenticate"
SCALIX_PRO = {"provider": "scalix-pro", "custom_handler": "scalix.scalix_pro.provider"}
FORBIDDEN = ("database_url", "DATABASE_URL")


def extended(config: dict[str, Any]) -> dict[str, Any]:
    """Your configuration with our callbacks and authentication. Raises SettingsError for what would undo them."""
    general = dict(config.get("general_settings") or {})
    if general.get("custom_auth") not in {None, AUTHENTICATE}:
        raise SettingsError(f"custom_auth {general['custom_auth']}: the gateway checks keys itself; take it out")
    if any(name in general for name in FORBIDDEN):
        raise SettingsError("the gateway needs no database: take database_url out of general_settings")
    settings = dict(config.get("litellm_settings") or {})
    given = settings.get("callbacks") or []
    callbacks = [given] if isinstance(given, str) else list(given)
    settings["callbacks"] = [*callbacks, *(name for name in CALLBACKS if name not in callbacks)]
    providers = list(settings.get("custom_provider_map") or [])
    if not any(one.get("provider") == SCALIX_PRO["provider"] for one in providers):
        settings["custom_provider_map"] = [*providers, SCALIX_PRO]
    general.pop("master_key", None)
    return {**config, "litellm_settings": settings, "general_settings": {**general, "custom_auth": AUTHENTICATE}}


def read_config(path: Path) -> dict[str, Any]:
    """A LiteLLM configuration file. Raises SettingsError."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or not found.get("model_list"):
        raise SettingsError(f"{path} names no models: give it a model_list as LiteLLM's documentation shows")
    return found


def write_extended(folder: Folder, config: Path) -> Path:
    """What LiteLLM is started with, readable by its owner alone. Raises SettingsError."""
    path = folder.root / "gateway.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(extended(read_config(config))), encoding="utf-8")
    return path


def master_key(folder: Folder, config: dict[str, Any], announce: Callable[[str], None]) -> str:
    """The admin's key: of the environment, the configuration or the folder; made and shown once when there is none."""
    given = os.environ.get(MASTER_KEY) or _configured(config)
    if given:
        return given
    path = folder.root / "master-key"
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    made = "sk-" + secrets.token_urlsafe(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    announce(f"The admin's key, shown this once and kept in {path}: {made}")
    return made


def _configured(config: dict[str, Any]) -> str | None:
    """``general_settings.master_key``, which may name a variable as ``os.environ/NAME``."""
    found = (config.get("general_settings") or {}).get("master_key")
    if isinstance(found, str) and found.startswith("os.environ/"):
        return os.environ.get(found.removeprefix("os.environ/"))
    return found if isinstance(found, str) else None
