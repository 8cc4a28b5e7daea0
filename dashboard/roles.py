"""What a visitor may do: a viewer looks, an operator blocks and rotates keys, an admin makes and removes them."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """Each may do what those before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


NEEDED = {
    "see": Role.VIEWER,
    "block": Role.OPERATOR,
    "rotate": Role.OPERATOR,
    "create": Role.ADMIN,
    "remove": Role.ADMIN,
}
"""The least role for each thing that can be done."""
