"""`scalix gateway`: LiteLLM Proxy on a configuration of its own or yours, extended by what makes it the gateway."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import yaml

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.folder import Folder

MASTER_KEY = "LITELLM_MASTER_KEY"
CALLBACKS = (
    "scalix.litellm_callback.collector",
    "scalix.routing_callback.routing",
    "scalix.gateway_hooks.gateway",
)
AUTHENTICATE = "scalix.gateway_hooks.authenticate"
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


def master_key(folder: Folder, announce: Callable[[str], None]) -> str:
    """The admin's key: from the environment, else the folder's, made and shown once when there is none."""
    given = os.environ.get(MASTER_KEY)
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


def serve(folder: Folder, config: Path, *, host: str, port: int, workers: int, announce: Callable[[str], None]) -> int:
    """Run LiteLLM Proxy until it ends; its exit status. Raises SettingsError for a configuration that cannot be."""
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = folder.root / "gateway.yaml"
    made.write_text(yaml.safe_dump(extended(read_config(config))), encoding="utf-8")
    made.chmod(0o600)
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        **os.environ,
        "SCALIX_HOME": str(folder.root),
        MASTER_KEY: master_key(folder, announce),
    }
    command = [sys.executable, "-c", "from litellm import run_server; run_server()", "--config", str(made)]
    options = ["--host", host, "--port", str(port), "--num_workers", str(workers), "--telemetry", "False"]
    # Asked to end, it ends the proxy too, as it does when interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    announce(f"The gateway listens at http://{host}:{port}; `scalix key create` makes keys for it")
    with subprocess.Popen([*command, *options], env=environment) as process:  # noqa: S603 - our interpreter
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            return process.wait()
