"""What the hub publishes for the routing core: how deployments have fared, and which budgets are not plainly fine.

One small file, replaced atomically. A reader keeps the last good one; how old it is is the reader's to judge.
"""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - msgspec reads annotations at run time

import msgspec

VERSION = 1
FILE_NAME = "routing.json"
MODE_FILE = "mode.json"
MOST_BYTES = 256 * 1024


class DeploymentStats(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment's recent past. Counts are decayed: an attempt of one half-life ago counts half."""

    deployment_id: str
    provider: str | None = None
    model: str | None = None
    successes: float = 0.0
    failures: float = 0.0
    """Failed at the provider, the request's own faults apart."""
    cost_usd: float | None = None
    """Mean known cost of a success: what its mix of tokens, cache and discounts really came to. None is unknown."""
    discount: float = 1.0
    """What was paid for each dollar of list price, the price book's at the time."""
    cache_share: float = 0.0
    """Of prompt tokens, read from the provider's prompt cache."""
    output_tokens: float | None = None
    """Mean of successes."""
    failure_cost_usd: float = 0.0
    """Mean known cost of an attempt that failed."""
    latency_s: float | None = None
    """Mean of successes."""
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    ttft_p95_s: float | None = None
    """Of streams: time to the first token."""
    failure_s: float | None = None
    """Mean time until an attempt failed."""


class BudgetLimit(msgspec.Struct, frozen=True, kw_only=True):
    """A budget that has reached a threshold whose action is more than a warning."""

    name: str
    action: str
    """``degrade`` or ``block``."""
    scope: dict[str, str]
    until_us: int | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment. ``id`` names it in recorded decisions."""

    version: int
    id: str
    made_us: int
    deployments: dict[str, DeploymentStats] = {}
    budgets: list[BudgetLimit] = []


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """Whether routing acts: ``off``, ``shadow`` (decides and records), ``canary`` (acts for a share), ``on``.

    ``legacy`` goes past it: calls go to the first deployment of ``provider``, without retries, fallbacks and caching.
    """

    mode: str = "on"
    canary_percent: float = 0
    provider: str | None = None
    since_us: int = 0
    """When it was set: what a canary is judged by begins then."""
    note: str | None = None
    """Why it was set, when it set itself."""


MODES = ("off", "shadow", "canary", "on", "legacy")


class _Named(msgspec.Struct):
    id: str


_decode_id = msgspec.json.Decoder(_Named).decode
_decode = msgspec.json.Decoder(Snapshot).decode
_decode_mode = msgspec.json.Decoder(Mode).decode


def write(folder: Path, snapshot: Snapshot) -> int:
    """Replace the published snapshot. Returns its size. Raises OSError, or ValueError when it is too large."""
    content = msgspec.json.encode(snapshot)
    if len(content) > MOST_BYTES:
        raise ValueError(f"a snapshot of {len(content)} bytes is larger than {MOST_BYTES}")
    _replace(folder, FILE_NAME, content)
    return len(content)


def write_mode(folder: Path, mode: Mode) -> None:
    """Set whether routing acts, for every process that reads this folder. Raises OSError."""
    _replace(folder, MODE_FILE, msgspec.json.encode(mode))


def read(folder: Path) -> Snapshot | None:
    """The published snapshot; None when there is none of this version."""
    try:
        found = _decode((folder / FILE_NAME).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.version == VERSION else None


def signature(folder: Path) -> tuple[int, ...]:
    """Tells cheaply whether the published files are others than before: each is replaced, never changed in place."""
    told: list[int] = []
    for name in (FILE_NAME, MODE_FILE):
        try:
            found = (folder / name).stat()
        except OSError:
            told.append(0)
        else:
            told += (found.st_ino, found.st_mtime_ns, found.st_size)
    return tuple(told)


def read_newer(folder: Path, known: str | None) -> Snapshot | None:
    """The published snapshot, when it is another than the one of this id."""
    try:
        content = (folder / FILE_NAME).read_bytes()
        if known is not None and _decode_id(content).id == known:
            return None
        found = _decode(content)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.version == VERSION else None


def read_mode(folder: Path) -> Mode:
    """Whether routing acts; ``on`` when nobody said otherwise."""
    try:
        return _decode_mode((folder / MODE_FILE).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return Mode()


def _replace(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f"{name}.{os.getpid()}.tmp"
    temporary.write_bytes(content)
    temporary.chmod(0o600)
    temporary.replace(folder / name)
