"""Opening the hub's two stores, whatever state they were left in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from analytics.backup.control import open_or_restore
from analytics.budgets.shelf import catch_up
from analytics.intake.ingest import ingest_once
from analytics.rebuild import open_or_rebuild
from scalix.store import views
from scalix.store.ledger import LedgerOptions
from scalix.times import now_us

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.settings import Settings
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger


def open_ledger(folder: Folder, settings: Settings) -> Ledger:
    """The ledger of this folder with its views. Raises StoreError when another hub holds it, naming the process."""
    options = LedgerOptions(memory_limit=settings.memory_limit, threads=settings.threads or max(os.cpu_count() or 1, 1))
    ledger, _ = open_or_rebuild(folder, options, now_us=now_us())
    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)
    return ledger


def open_control(folder: Folder, settings: Settings, ledger: Ledger) -> ControlStore:
    """The control store of this folder. One that had to be put back from a copy is told of budgets changed since."""
    control, report = open_or_restore(folder, now_us=now_us(), backups=settings.backup_to)
    if report is not None:
        ingest_once(ledger, folder, now_us=now_us())
        catch_up(control, ledger)
    return control
