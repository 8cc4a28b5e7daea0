"""Keys: 256 random bits, shown once, kept as an HMAC with a pepper that lies apart from them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from scalix.errors import SettingsError, StoreError
from scalix.events import PICODOLLARS
from scalix.store.tables.keys import keys, reservations
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.folder import Folder
    from scalix.store.control import ControlStore

START = "sk-scalix-"
_PEPPER_BYTES = 32
_PREFIX_BYTES = 6


@dataclass(frozen=True)
class Key:
    """A key without what is secret of it. ``prefix`` is its public name; an empty ``models`` allows all."""

    prefix: str
    alias: str | None
    user_id: str | None
    team: str | None
    models: tuple[str, ...]
    budget_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal
    expires_us: int | None
    blocked: bool

    def may_call(self, model: str) -> bool:
        """Whether this model, a group of the gateway's, is open to the key."""
        return not self.models or model in self.models


def pepper_of(folder: Folder) -> bytes:
    """The folder's pepper, made when there is none. Raises StoreError when it cannot be kept."""
    path: Path = folder.root / "pepper"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = path.read_bytes()
        if len(found) != _PEPPER_BYTES:
            raise StoreError(f"{path} is not a pepper of {_PEPPER_BYTES} bytes: restore it from a backup") from None
        return found
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error}") from error
    with os.fdopen(descriptor, "wb") as file:
        made = secrets.token_bytes(_PEPPER_BYTES)
        file.write(made)
    return made


def mint(
    control: ControlStore,
    pepper: bytes,
    *,
    alias: str | None = None,
    user_id: str | None = None,
    team: str | None = None,
    models: tuple[str, ...] = (),
    budget_usd: Decimal | None = None,
    expires_us: int | None = None,
) -> str:
    """Make a key and return it, this once. Raises SettingsError for a budget that is no amount."""
    if budget_usd is not None and not (budget_usd.is_finite() and 0 < budget_usd < 1_000_000):  # noqa: PLR2004 - dollars
        raise SettingsError(f"{budget_usd} is no budget of a key: give dollars above 0 and below a million")
    prefix = secrets.token_hex(_PREFIX_BYTES)
    key = f"{START}{prefix}-{secrets.token_urlsafe(32)}"
    with control.transaction() as connection:
        connection.execute(
            keys.insert().values(
                prefix=prefix,
                digest=_digest(pepper, key),
                alias=alias,
                user_id=user_id,
                team=team,
                models=json.dumps(models),
                budget_pusd=None if budget_usd is None else int(budget_usd * PICODOLLARS),
                spent_pusd=0,
                expires_us=expires_us,
                blocked=False,
                created_us=now_us(),
            )
        )
    return key


def known(control: ControlStore, pepper: bytes, key: str) -> Key | None:
    """Whose key this is; None alike for one that is unknown, wrong, expired or blocked."""
    prefix, dash, _ = key.removeprefix(START).partition("-")
    if not key.startswith(START) or not dash:
        prefix = ""
    found = _found(control, keys.c.prefix == prefix)
    digest, owner = found[0] if found else (_digest(pepper, ""), None)
    if not hmac.compare_digest(digest, _digest(pepper, key)) or owner is None or owner.blocked:
        return None
    return None if owner.expires_us is not None and owner.expires_us <= now_us() else owner


def prefix_of(key: str) -> str:
    """The public name of a key, given whole or by that name."""
    return key.removeprefix(START).partition("-")[0]


def one(control: ControlStore, prefix: str) -> Key | None:
    """The key of a prefix."""
    return next((key for _, key in _found(control, keys.c.prefix == prefix)), None)


def all_keys(control: ControlStore) -> list[Key]:
    """Every key, the newest first."""
    return [key for _, key in _found(control, sa.true())]


def _found(control: ControlStore, condition: sa.ColumnElement[bool]) -> list[tuple[str, Key]]:
    """Keys with their digests."""
    total = sa.select(sa.func.coalesce(sa.func.sum(reservations.c.amount_pusd), 0))
    held = total.where(reservations.c.prefix == keys.c.prefix).scalar_subquery().label("held")
    wanted = sa.select(keys, held).where(condition).order_by(keys.c.created_us.desc())
    with control.transaction() as connection:
        return [(row.digest, _key(row)) for row in connection.execute(wanted).all()]


def _key(row: Any) -> Key:
    return Key(
        prefix=row.prefix,
        alias=row.alias,
        user_id=row.user_id,
        team=row.team,
        models=tuple(json.loads(row.models)),
        budget_usd=None if row.budget_pusd is None else Decimal(row.budget_pusd) / PICODOLLARS,
        spent_usd=Decimal(row.spent_pusd) / PICODOLLARS,
        reserved_usd=Decimal(row.held) / PICODOLLARS,
        expires_us=row.expires_us,
        blocked=row.blocked,
    )


def block(control: ControlStore, prefix: str, *, blocked: bool = True) -> None:
    """Turn a key off, or on again; every worker asks anew at each call. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        changed = keys.update().where(keys.c.prefix == prefix).values(blocked=blocked)
        if not connection.execute(changed).rowcount:
            raise SettingsError(f"there is no key {prefix}; `scalix key list` names them")


def remove(control: ControlStore, prefix: str) -> None:
    """Take a key away for good, with what is reserved for it. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if not connection.execute(keys.delete().where(keys.c.prefix == prefix)).rowcount:
            raise SettingsError(f"there is no key {prefix}; `scalix key list` names them")
        connection.execute(reservations.delete().where(reservations.c.prefix == prefix))


def _digest(pepper: bytes, key: str) -> str:
    return hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest()
