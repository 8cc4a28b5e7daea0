"""A person's name as it stands in text, and what is put in its place."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from functools import cached_property

from scalix.errors import SettingsError

SHORTEST = 3
PREFIX = "forgotten-"


@dataclass(frozen=True)
class Person:
    """Whom to forget: the id under which calls were made, and a pseudonym that takes as many bytes."""

    name: str
    pseudonym: str

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        """The name where it stands for itself: ``ann`` is part of neither ``joanna`` nor ``ann.lee@example.com``."""
        writings = {json.dumps(self.name, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)} | {self.name}
        words = b"|".join(re.escape(one.encode()) for one in sorted(writings, key=len, reverse=True))
        return re.compile(rb"(?<![\w@])(?<![\w][.+-])(?:" + words + rb")(?![\w@])(?![.+-][\w])")

    def hide(self, data: bytes) -> bytes:
        """The bytes with the pseudonym in place of the name."""
        return self._pattern.sub(lambda found: self._fitting(len(found[0])), data)

    def hide_text(self, text: str) -> str:
        """`hide` for text."""
        return self.hide(text.encode()).decode()

    def is_in(self, data: bytes) -> bool:
        """Whether the name stands there."""
        return self._pattern.search(data) is not None

    def _fitting(self, size: int) -> bytes:
        return self.pseudonym.encode().ljust(size, b"-")


def person(name: str) -> Person:
    """The person of this id with a new pseudonym. Raises SettingsError for a name too short to be found for sure."""
    size = len(name.encode())
    if size < SHORTEST or not name.isprintable():
        raise SettingsError(f"{name!r} cannot be told apart in text: give the whole id, of {SHORTEST} letters or more")
    digits = secrets.token_hex(size)
    return Person(name, (PREFIX + digits)[:size] if size > len(PREFIX) + 4 else digits[:size])
