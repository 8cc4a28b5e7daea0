"""Named questions over the lake, one file each in ``sql/questions``: what it answers, and what its parameters are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scalix.errors import SettingsError
from scalix.store import sqlfiles

_DEFAULT = re.compile(r"-- (\w+) =\s?(.*)")


@dataclass(frozen=True)
class Question:
    """One named question. ``parameters`` are their defaults, as text."""

    name: str
    asks: str
    parameters: dict[str, str]
    sql: str


def all_questions() -> list[Question]:
    """Every named question, by name."""
    return [_question(path.stem) for path in sorted((sqlfiles.root() / "questions").glob("*.sql"))]


def question(name: str) -> Question:
    """The question of a name. Raises SettingsError when there is none."""
    if name not in {one.name for one in all_questions()}:
        raise SettingsError(f"there is no question {name}; `scalix sql --list` names them")
    return _question(name)


def _question(name: str) -> Question:
    sql = sqlfiles.text(f"questions/{name}")
    first, *rest = sql.splitlines()
    found = (_DEFAULT.fullmatch(line) for line in rest)
    return Question(name, first.removeprefix("-- "), {match[1]: match[2] for match in found if match}, sql)
