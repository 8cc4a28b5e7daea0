"""Finds SQL by name, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from scalix.errors import StoreError

_PACKAGED = Path(__file__).parents[1] / "_parts" / "sql"
_CHECKOUT = Path(__file__).parents[2] / "sql"


def root() -> Path:
    """The folder that holds ``schema/``, ``views/``, ``queries/`` and the rest."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


@cache
def text(name: str) -> str:
    """The SQL of one file, named without its ending: ``text("pages/attempt_totals")``."""
    path = root() / f"{name}.sql"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise StoreError(f"no SQL file {path}: {error.strerror}; reinstall scalix") from error
