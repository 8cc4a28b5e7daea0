"""What every request needs: the stores, the models, and who it is that asks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.access import keys, people

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from analytics.access.callers import Callers
    from analytics.access.keys import Caller, Key
    from scalix.folder import Folder
    from scalix.gateway.catalogue import Catalogue
    from scalix.gateway.ledger_budgets import LedgerBudgets
    from scalix.store.control import ControlStore

LONGEST_KEY = 512


@dataclass(frozen=True)
class Who:
    """Whoever asks: the admin, the holder of a key, or nobody known. ``manages`` is the team they are the admin of."""

    admin: bool = False
    caller: Caller | None = None
    manages: str | None = None

    @property
    def name(self) -> str:
        """For the history of changes."""
        return "admin" if self.admin or self.caller is None else f"key {self.caller.key.name}"

    def may_see(self, key: Key) -> bool:
        """Whether a key is theirs, or of their team."""
        mine = self.caller is not None and self.caller.key.id == key.id
        return self.admin or mine or (self.manages is not None and key.team_id == self.manages)

    def may_manage(self, team_id: str | None) -> bool:
        """Whether a team's keys are theirs to make and change."""
        return self.admin or (team_id is not None and team_id == self.manages)


@dataclass(frozen=True)
class Desk:
    """One per process."""

    control: ControlStore
    pepper: bytes
    callers: Callers
    """Who calls; what is asked about keys is read anew."""
    folder: Folder
    master_key: str
    catalogue: Catalogue
    ledger_budgets: LedgerBudgets
    metadata_keys: frozenset[str] = frozenset()

    def is_admin(self, token: str) -> bool:
        """Whether this is the admin's key."""
        return bool(self.master_key) and secrets.compare_digest(token.encode(), self.master_key.encode())

    def who(self, request: HTTPConnection) -> Who:
        """Who asks, by the key in the headers. Raises StoreError."""
        token = presented(request)
        if self.is_admin(token):
            return Who(admin=True)
        caller = keys.known(self.control, self.pepper, token)
        if caller is None:
            return Who()
        key = caller.key
        # A key manages its own team and no other, so nobody gains power by making a key in somebody's name.
        leads = key.user_id is not None and key.team_id in people.teams_of(self.control, key.user_id, "admin")
        return Who(caller=caller, manages=key.team_id if leads else None)


def presented(request: HTTPConnection) -> str:
    """The key as OpenAI's, Anthropic's and Azure's clients send it; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else ""
    given = given or request.headers.get("x-api-key", "") or request.headers.get("api-key", "")
    return given if len(given) <= LONGEST_KEY else ""
