"""Puts the collector into LiteLLM, once per process, and tests that it will be heard."""

from __future__ import annotations

import importlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalix import parts
from scalix.errors import ScalixError, SettingsError, SpoolError

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger("scalix")
_installing = threading.Lock()
_installed: Status | None = None


@dataclass(frozen=True)
class Status:
    """What an installation came to. ``problems`` is empty when everything works."""

    callback: Any
    """The CustomLogger that LiteLLM calls."""
    segment: Path | None
    """The file that this process writes to."""
    problems: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    """What this version of LiteLLM offers no way to see or set."""

    @property
    def working(self) -> bool:
        """Whether calls are recorded."""
        return not self.problems


def install_collector(*, strict: bool, stream_usage: bool, client_retries: bool, register: bool) -> Status:
    """Install the collector unless it is, and give its status; see ``scalix.install``."""
    global _installed  # noqa: PLW0603  one collector per process is the point
    with _installing:
        if _installed is None:
            _installed = _install(stream_usage=stream_usage, client_retries=client_retries)
        status = _installed
        if register:
            _hooks().register(status.callback)
    if strict and not status.working:
        raise ScalixError("; ".join(status.problems))
    return status


def _install(*, stream_usage: bool, client_retries: bool) -> Status:
    hooks = _hooks()
    settings, refused = _settings()
    callback = hooks.Collector(settings)
    problems = [*refused, *hooks.self_test(callback)]
    try:
        callback.recorder.spool.open()
    except OSError as error:
        problems.append(f"the spool {settings.spool} cannot be written to ({error}); events wait in memory meanwhile")
    limits = hooks.prepare(callback, stream_usage=stream_usage, client_retries=client_retries)
    for problem in problems:
        logger.error("Scalix: %s", problem)
    return Status(callback, callback.recorder.spool.path, tuple(problems), tuple(limits))


def _settings() -> tuple[Any, list[str]]:
    """Settings from the environment; a refused one is a problem to be told, never a reason to record nothing."""
    settings = importlib.import_module("scalix.collector.settings")
    try:
        return settings.from_environment(), []
    except SettingsError as error:
        return settings.from_environment({}), [f"{error}; defaults are used instead"]


def _hooks() -> Any:
    parts.load("collector")
    try:
        return importlib.import_module("scalix.collector.hooks")
    except ImportError as error:
        raise SpoolError(f"LiteLLM cannot be imported ({error}); install litellm beside scalix") from error
