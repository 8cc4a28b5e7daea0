"""The control store: SQLite's own integrity check, and the rows of each table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.integrity.damage import Checked, Damage
from scalix.store.control_files import damage_of, row_counts

if TYPE_CHECKING:
    from scalix.folder import Folder


def check_control(folder: Folder) -> Checked:
    """Read every page of the control store. A folder that never had one has nothing to check."""
    if not folder.control.exists():
        return Checked("control", skipped="there is none: the hub makes it at its first start")
    problem = damage_of(folder.control)
    if problem is not None:
        return Checked("control", damage=(Damage("control", folder.control.name, problem),))
    return Checked("control", row_counts(folder.control))
