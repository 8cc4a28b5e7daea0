"""What the pages about the gateway read and do, with the stores of this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.access import address, changes, issuing, keys, people
from analytics.access.pepper import pepper_of
from analytics.reading import control_here
from scalix.folder import default_folder

if TYPE_CHECKING:
    from analytics.access.accounts import Account
    from analytics.access.address import GatewayAddress
    from analytics.access.keys import Key
    from analytics.access.limits import Limits

MOST_KEYS = 1000
MOST_CHANGES = 200
_CHANGES = {
    "at_us": pl.Int64,
    "kind": pl.String,
    "id": pl.String,
    "action": pl.String,
    "changed_by": pl.String,
    "detail": pl.String,
}


@dataclass(frozen=True)
class AccessDesk:
    """Everything at one moment."""

    keys: list[Key]
    total: int
    """How many keys there are, those that are not in ``keys`` among them."""
    accounts: list[Account]
    """Teams, then users."""
    changes: pl.DataFrame
    gateway: GatewayAddress | None

    def key(self, identifier: str | None) -> Key | None:
        """One of the keys."""
        return next((key for key in self.keys if key.id == identifier), None)


def read() -> AccessDesk:
    """Ask for all of it. Raises StoreError."""
    control = control_here()
    return AccessDesk(
        keys=keys.listed(control, most=MOST_KEYS),
        total=keys.count(control),
        accounts=[*people.listed(control, "team"), *people.listed(control, "user")],
        changes=pl.DataFrame(changes.latest(control, MOST_CHANGES), schema_overrides=_CHANGES),
        gateway=address.read(default_folder()),
    )


def create(*, by: str, **options: Any) -> str:
    """Make a key and return it, this once; ``options`` are those of `issuing.mint`. Raises ScalixError."""
    limits: Limits | None = options.pop("limits", None)
    made, _ = issuing.mint(control_here(), pepper_of(default_folder()), by=by, limits=limits, **options)
    return made


def rotate(identifier: str, *, by: str, overlap_s: int) -> str:
    """Give a key a new secret and return it, this once. Raises ScalixError."""
    made, _ = issuing.rotate(control_here(), pepper_of(default_folder()), identifier, by=by, overlap_s=overlap_s)
    return made


def block(identifier: str, *, by: str, blocked: bool) -> None:
    """Turn a key off, or on again. Raises ScalixError."""
    issuing.block(control_here(), identifier, by=by, blocked=blocked)


def remove(identifier: str, *, by: str) -> None:
    """Take a key away for good. Raises ScalixError."""
    issuing.remove(control_here(), identifier, by=by)
