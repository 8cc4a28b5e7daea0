"""Named queries over the lake: those of ``sql/queries``, and people's own in the folder's ``queries``, a file each.

A file's first line says what it answers; lines ``-- name = value`` declare its parameters with their defaults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalix.errors import SettingsError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from pathlib import Path

_DEFAULT = re.compile(r"-- (\w+) =\s?(.*)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")


@dataclass(frozen=True)
class NamedQuery:
    """One named query. ``parameters`` are their defaults, as text."""

    name: str
    asks: str
    parameters: dict[str, str]
    sql: str
    own: bool = False
    """Saved by people of this installation."""


def all_queries(own: Path | None = None) -> list[NamedQuery]:
    """Every named query, by name; ``own`` is the folder of those that people saved."""
    shipped = {path.stem: _read(path, own=False) for path in (sqlfiles.root() / "queries").glob("*.sql")}
    saved = {path.stem: _read(path, own=True) for path in own.glob("*.sql")} if own is not None else {}
    return [one for _, one in sorted({**saved, **shipped}.items())]


def named_query(name: str, own: Path | None = None) -> NamedQuery:
    """The query of a name. Raises SettingsError when there is none."""
    for one in all_queries(own):
        if one.name == name:
            return one
    raise SettingsError(f"there is no query named {name}; `scalix sql --list` names them")


def save(own: Path, name: str, asks: str, sql: str, defaults: dict[str, str] | None = None) -> NamedQuery:
    """Keep a query under a name, in place of an own one of that name. Raises SettingsError when it cannot be kept."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is no name for a query: begin with a small letter, go on with digits and _")
    if not sql.strip():
        raise SettingsError("there is no query to save")
    if name in {one.name for one in all_queries()}:
        raise SettingsError(f"{name} is the name of a query that comes with Scalix: choose another")
    text = "\n".join([f"-- {' '.join(asks.split()) or name}", *_declared(sql, defaults or {}), _body(sql)]) + "\n"
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = own / f"{name}.sql"
    temporary = path.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    return _read(path, own=True)


def parameters_of(sql: str) -> dict[str, str]:
    """The names of the parameters in a query, with the defaults that it declares."""
    declared = {match[1]: match[2] for line in sql.splitlines() if (match := _DEFAULT.fullmatch(line))}
    return {name: declared.get(name, "") for name in dict.fromkeys([*declared, *_PARAMETER.findall(_body(sql))])}


def _read(path: Path, *, own: bool) -> NamedQuery:
    sql = path.read_text(encoding="utf-8")
    first, *rest = sql.splitlines() or [""]
    found = (_DEFAULT.fullmatch(line) for line in rest)
    parameters = {match[1]: match[2] for match in found if match}
    return NamedQuery(path.stem, first.removeprefix("-- "), parameters, sql, own)


def _declared(sql: str, defaults: dict[str, str]) -> list[str]:
    known = {**parameters_of(sql), **defaults}
    return [f"-- {name} = {' '.join(value.split())}" for name, value in known.items()]


def _body(sql: str) -> str:
    """The query without the comments at its head."""
    lines = sql.strip().splitlines()
    while lines and lines[0].startswith("--"):
        lines.pop(0)
    return "\n".join(lines)
