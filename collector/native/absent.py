"""What stands in for the compiled module where it is not there: nothing is ordinary."""

from __future__ import annotations

from typing import Any


def _nothing(*_: Any) -> None:
    """The Python code has to do it."""


opened = answered = streamed = ended = _nothing
