"""Named queries over the lake, one file each in ``sql/queries``: what it answers, and what its parameters are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scalix.errors import SettingsError
from scalix.store import sqlfiles

_DEFAULT = re.compile(r"-- (\w+) =\s?(.*)")


@dataclass(frozen=True)
class NamedQuery:
    """One named query. ``parameters`` are their defaults, as text."""

    name: str
    asks: str
    parameters: dict[str, str]
    sql: str


def all_queries() -> list[NamedQuery]:
    """Every named query, by name."""
    return [_query(path.stem) for path in sorted((sqlfiles.root() / "queries").glob("*.sql"))]


def named_query(name: str) -> NamedQuery:
    """The query of a name. Raises SettingsError when there is none."""
    if name not in {one.name for one in all_queries()}:
        raise SettingsError(f"there is no query named {name}; `scalix sql --list` names them")
    return _query(name)


def _query(name: str) -> NamedQuery:
    sql = sqlfiles.text(f"queries/{name}")
    first, *rest = sql.splitlines()
    found = (_DEFAULT.fullmatch(line) for line in rest)
    return NamedQuery(name, first.removeprefix("-- "), {match[1]: match[2] for match in found if match}, sql)
