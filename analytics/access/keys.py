"""Keys as they are kept, and who one belongs to that a caller presents."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.access import accounts as accounts_
from analytics.access.pepper import digest, prefix_of
from scalix.errors import NotThereError
from scalix.store.tables.access import accounts, keys, secrets
from scalix.times import now_us

if TYPE_CHECKING:
    from analytics.access.accounts import Account, Name
    from scalix.store.control import ControlStore

# Built once, see `accounts.ROWS`.
_OPENED = sa.select(secrets, keys).join(keys, keys.c.id == secrets.c.key_id)
_OPENED = _OPENED.where(secrets.c.prefix == sa.bindparam("of_prefix"))


@dataclass(frozen=True)
class Key:
    """A key without what is secret of it. ``id`` is its public name, and stays when it is rotated."""

    account: Account
    user_id: str | None
    team_id: str | None
    tags: tuple[str, ...]
    expires_us: int | None

    @property
    def id(self) -> str:
        """Its public name: 32 hexadecimal digits, ``key_hash`` in the ledger."""
        return self.account.id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.account.alias or self.account.id

    @property
    def accounts(self) -> tuple[Name, ...]:
        """All that its calls are counted for."""
        more = (("user", self.user_id), ("team", self.team_id))
        return (("key", self.id), *((kind, identifier) for kind, identifier in more if identifier is not None))


@dataclass(frozen=True)
class Caller:
    """Whoever presented a key, and the accounts it counts for."""

    key: Key
    accounts: tuple[Account, ...]
    until_us: int | None = None
    """When the key, or the secret that was presented, expires."""

    def holds(self, now_us: int) -> bool:
        """Whether it has not expired."""
        return self.until_us is None or now_us < self.until_us

    def may_call(self, model: str) -> bool:
        """Whether all of its accounts allow a model; one that names none allows all."""
        allowed = [account.limits.models for account in self.accounts if account.limits.models]
        return all(model in models for models in allowed)


def known(control: ControlStore, pepper: bytes, key: str) -> Caller | None:
    """Who a key belongs to; None alike for one that is unknown, wrong, expired, rotated away or blocked."""
    at_us = now_us()
    with control.reading() as connection:
        row = connection.execute(_OPENED, {"of_prefix": prefix_of(key)}).first()
        expected = digest(pepper, "") if row is None else row.digest
        if not hmac.compare_digest(expected, digest(pepper, key)) or row is None:
            return None
        names = [("key", row.key_id), *((k, i) for k, i in (("user", row.user_id), ("team", row.team_id)) if i)]
        found = [accounts_.one(connection, name, now_us=at_us) for name in names]
    there = tuple(account for account in found if account is not None and not account.blocked)
    ends = (row._mapping[column] for column in (secrets.c.expires_us, keys.c.expires_us))  # noqa: SLF001 - public
    if len(there) != len(names):
        return None
    caller = Caller(_key(row, there[0]), there, min((end for end in ends if end is not None), default=None))
    return caller if caller.holds(at_us) else None


def listed(
    control: ControlStore,
    *,
    team_id: str | None = None,
    user_id: str | None = None,
    most: int = 1000,
    skip: int = 0,
) -> list[Key]:
    """Keys of a team, a user or everybody, the newest first. Raises StoreError."""
    mine = (keys.c.team_id, team_id), (keys.c.user_id, user_id)
    conditions = [column == value for column, value in mine if value is not None]
    wanted = sa.select(keys).where(*conditions).order_by(keys.c.created_us.desc(), keys.c.id).limit(most).offset(skip)
    with control.reading() as connection:
        rows = connection.execute(wanted).all()
        theirs = accounts_.found(
            connection,
            sa.and_(accounts.c.kind == "key", accounts.c.id.in_([row.id for row in rows])),
            now_us=now_us(),
        )
    by_id = {account.id: account for account in theirs}
    return [_key(row, by_id[row.id]) for row in rows if row.id in by_id]


def count(control: ControlStore) -> int:
    """How many keys there are. Raises StoreError."""
    with control.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(keys)).scalar_one())


def named(control: ControlStore, name: str) -> Key:
    """The key of this id, alias or prefix, or that is this key itself. Raises SettingsError when there is none."""
    with control.reading() as connection:
        return in_store(connection, name)


def in_store(connection: sa.Connection, name: str) -> Key:
    """`named`, within a transaction."""
    prefix = prefix_of(name) or name
    of_prefix = sa.select(secrets.c.key_id).where(secrets.c.prefix == prefix)
    of_alias = sa.select(accounts.c.id).where(accounts.c.kind == "key", accounts.c.alias == name)
    for condition in (keys.c.id == name, keys.c.id.in_(of_prefix), keys.c.id.in_(of_alias)):
        row = connection.execute(sa.select(keys).where(condition)).first()
        account = row and accounts_.one(connection, ("key", row.id), now_us=now_us())
        if row and account:
            return _key(row, account)
    raise NotThereError(f"there is no key {prefix}; `scalix key list` names them")


def _key(row: Any, account: Account) -> Key:
    values = row._mapping  # noqa: SLF001 - public
    return Key(
        account=account,
        user_id=values[keys.c.user_id],
        team_id=values[keys.c.team_id],
        tags=tuple(json.loads(values[keys.c.tags])),
        expires_us=values[keys.c.expires_us],
    )
