"""What people define in TOML files: ``[[budget]]``, ``[[objective]]``, ``[[rule]]`` and ``[[price]]`` tables."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import msgspec

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

Name = Literal["budget", "objective", "rule", "price"]
"""One file may hold tables of several names, each for a command of its own."""
Definition = TypeVar("Definition", bound=msgspec.Struct)
_UNKNOWN = re.compile(r"unknown field `\w+`(?: - at `\$\.(\w+))?")


def tables_of(file: Path, name: Name) -> list[dict[str, Any]]:
    """The tables of a name, numbers with a point as Decimal. Raises SettingsError when there is none."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{file} cannot be read: {reason}; give a TOML file of [[{name}]] tables") from error
    tables = content.get(name)
    found = f", only {', '.join(content)}" if content else ""
    if not tables or not isinstance(tables, list):
        raise SettingsError(f"{file} holds no [[{name}]] table{found}: begin each with [[{name}]]")
    stray = sorted(content.keys() - {*get_args(Name)})
    if stray:
        raise SettingsError(
            f"{file} holds {', '.join(stray)}, which is none of {', '.join(get_args(Name))}: begin each with [[{name}]]"
        )
    return tables


def definitions_of(file: Path, name: Name, kind: type[Definition]) -> list[Definition]:
    """The tables of a name as what they define. Raises SettingsError naming the table, and the fields it may have."""
    return [
        _definition(file, f"[[{name}]] {place}", table, kind) for place, table in enumerate(tables_of(file, name), 1)
    ]


def _definition(file: Path, where: str, table: dict[str, Any], kind: type[Definition]) -> Definition:
    try:
        return msgspec.convert(table, kind, strict=False)
    except msgspec.ValidationError as error:
        unknown = _UNKNOWN.search(str(error))
        fields = f"; choose of {', '.join(_fields(kind, unknown[1]))}" if unknown else ""
        raise SettingsError(f"{file}, {where}: {error}{fields}") from error


def _fields(kind: type[msgspec.Struct], within: str | None) -> tuple[str, ...]:
    """Those of a definition, or of the tables that one of its fields lists."""
    if within is None:
        return kind.__struct_fields__
    (listing,) = (field.type for field in msgspec.structs.fields(kind) if field.name == within)
    inner: type[msgspec.Struct] = get_args(listing)[0]
    return inner.__struct_fields__
