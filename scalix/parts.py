"""Loads ``collector`` and ``routing`` from their files under ``scalix.``-names, in a checkout as in a wheel.

A host process may have a ``collector`` package of its own, so ours is never looked up by that name there.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_HERE = Path(__file__).resolve().parent
_loading = threading.RLock()


def folder(name: str) -> Path:
    """Where the files of a part lie: ``scalix/_parts/<name>`` in a wheel, beside ``scalix/`` in a checkout."""
    packaged = _HERE / "_parts" / name
    return packaged if packaged.is_dir() else _HERE.parent / name


def put_parts_first() -> None:
    """In a process of ours: let `collector`, `analytics` and the rest be ours, whatever else goes by these names."""
    parts = str(folder("analytics").parent)
    sys.path[:] = [parts, *(entry for entry in sys.path if entry != parts)]


def load(name: str) -> ModuleType:
    """The part's package as ``scalix.<name>``. Raises ImportError naming the folder when it is not there."""
    full = f"scalix.{name}"
    with _loading:
        if full in sys.modules:
            return sys.modules[full]
        where = folder(name)
        spec = importlib.util.spec_from_file_location(
            full, where / "__init__.py", submodule_search_locations=[str(where)]
        )
        if spec is None or spec.loader is None or not (where / "__init__.py").is_file():
            raise ImportError(f"{full} should lie in {where}, which is not there; install scalix again")
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[full]
            raise
        setattr(sys.modules["scalix"], name, module)
        return module
