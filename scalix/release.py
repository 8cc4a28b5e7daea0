"""Which release of Scalix this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The installed version; ``checkout`` where the code runs without having been installed."""
    try:
        return version("scalix")
    except PackageNotFoundError:
        return "checkout"
