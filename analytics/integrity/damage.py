"""What a check says of one store."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Store = Literal["ledger", "lake", "segments", "control"]


@dataclass(frozen=True)
class Damage:
    """Something that cannot be read, or is not what it should be. ``file`` is relative to the Scalix folder."""

    store: Store
    file: str
    problem: str


@dataclass(frozen=True)
class Checked:
    """One store after its check: what was counted, and what is damaged."""

    store: Store
    counted: dict[str, int] = field(default_factory=dict)
    damage: tuple[Damage, ...] = ()
    skipped: str | None = None
    """Why the store could not be looked at, which says nothing about its state."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
