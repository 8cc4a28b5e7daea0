"""Outcomes that are done, one file each, so that an interrupted run goes on where it was.

A file's name holds a digest of all that its outcome follows from: worlds, traffic, LiteLLM's version, and for Scalix
its own source. What has changed since is computed again; what has not is not.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.routing_worlds.outcomes import OURS, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHECKOUT = Path(__file__).parents[2]
_ONLY_TOLD = ("__main__.py", "kept.py", "optimum.py", "report.py")
"""Of this folder, what no outcome follows from."""


def kept(folder: Path, task: tuple[str, int, int, float]) -> Outcome | None:
    """The outcome of a task (strategy, seed, requests, seconds) that was done before; None when there is none."""
    file = _file(folder, task)
    return msgspec.json.decode(file.read_bytes(), type=Outcome) if file.exists() else None


def keep(folder: Path, task: tuple[str, int, int, float], outcome: Outcome) -> None:
    """Write it down, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = _file(folder, task)
    beside = file.with_suffix(".part")
    beside.write_bytes(msgspec.json.encode(outcome))
    beside.replace(file)


def _file(folder: Path, task: tuple[str, int, int, float]) -> Path:
    strategy, seed, requests, seconds = task
    told = f"{_digest(ours=strategy == OURS)} {version('litellm')} {requests} {seconds}"
    return folder / f"{seed}-{strategy}-{hashlib.sha256(told.encode()).hexdigest()[:16]}.json"


@cache
def _digest(*, ours: bool) -> str:
    digest = hashlib.sha256()
    for file in _sources(ours=ours):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(*, ours: bool) -> Iterator[Path]:
    yield from (_CHECKOUT / "scalix" / "demo" / "traffic").glob("trace.*")
    yield from (one for one in sorted(Path(__file__).parent.glob("*.py")) if one.name not in _ONLY_TOLD)
    if ours:
        for part in ("routing", "collector"):
            yield from sorted((_CHECKOUT / part).rglob("*.py"))
