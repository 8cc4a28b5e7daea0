"""The collector's few settings, read from the environment of the process it lives in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scalix.errors import SettingsError
from scalix.folder import default_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

SEGMENT_BYTES = 64 * 1024 * 1024
SMALLEST_SEGMENT = 4096
ALWAYS_KEPT_METADATA = ("scalix_user", "scalix_pro")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where events go and what of a call may be kept."""

    spool: Path
    record_content: bool = False
    """Whether prompts and answers are written to the spool."""
    metadata_keys: frozenset[str] = frozenset(ALWAYS_KEPT_METADATA)
    """The caller's metadata that is kept; everything else stays in the process."""
    segment_bytes: int = SEGMENT_BYTES
    """A segment that has grown to this size is closed and a new one begun."""
    native: bool = True
    """Whether the compiled module is used where there is one; content it never records."""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``SCALIX_*`` variables. Raises SettingsError naming the variable and the value at fault."""
    env = os.environ if environment is None else environment
    spool = env.get("SCALIX_SPOOL")
    named = (key.strip() for key in env.get("SCALIX_METADATA_KEYS", "").split(","))
    return Settings(
        spool=Path(spool).expanduser() if spool else default_folder().spool,
        record_content=_switch(env, "SCALIX_RECORD_CONTENT"),
        metadata_keys=frozenset(ALWAYS_KEPT_METADATA).union(key for key in named if key),
        segment_bytes=_size(env, "SCALIX_SEGMENT_BYTES"),
        native=_switch(env, "SCALIX_NATIVE", default="1"),
    )


def _switch(env: Mapping[str, str], name: str, default: str = "0") -> bool:
    value = env.get(name, "").strip().lower() or default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise SettingsError(f"{name}={value!r} is neither on nor off; use 1 or 0")


def _size(env: Mapping[str, str], name: str) -> int:
    value = env.get(name, "").strip() or str(SEGMENT_BYTES)
    if not value.isdecimal() or int(value) < SMALLEST_SEGMENT:
        raise SettingsError(f"{name}={value!r} is not a size in bytes of at least {SMALLEST_SEGMENT}")
    return int(value)
