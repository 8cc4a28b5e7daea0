"""LiteLLM's caches as the settings want them: in memory, on disk, in Redis, each with a time to live."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

from scalix.errors import NotConfiguredError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .catalogue.file import CacheTable

_TYPES = {"memory": "local", "disk": "disk", "redis": "redis"}
_PACKAGES = {"disk": "diskcache", "redis": "redis"}


def cache_options(table: CacheTable, root: Path, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What ``litellm.Cache`` is to be made with. ``root`` is the Scalix folder.

    Raises NotConfiguredError when Redis has no address or a package is missing.
    """
    env = os.environ if environment is None else environment
    package = _PACKAGES.get(table.type)
    if package and importlib.util.find_spec(package) is None:
        raise NotConfiguredError(f"a {table.type} cache needs the package {package}; pip install {package}")
    options: dict[str, Any] = {"type": _TYPES[table.type], "ttl": table.ttl_s}
    if table.type == "disk":
        return options | {"disk_cache_dir": table.folder or str(root / "cache")}
    if table.type == "redis":
        url = table.url or env.get("REDIS_URL")
        if not url:
            raise NotConfiguredError("the Redis cache has no address; set REDIS_URL, or url in [cache]")
        return options | {"url": url}
    return options
