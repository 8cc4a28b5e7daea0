"""Opening the hub's ledger, whatever state it was left in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from analytics.rebuild import open_or_rebuild
from scalix.store import views
from scalix.store.ledger import LedgerOptions
from scalix.times import now_us

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.settings import Settings
    from scalix.store.ledger import Ledger


def open_ledger(folder: Folder, settings: Settings) -> Ledger:
    """The ledger of this folder with its views. Raises StoreError when another hub holds it, naming the process."""
    options = LedgerOptions(memory_limit=settings.memory_limit, threads=settings.threads or max(os.cpu_count() or 1, 1))
    ledger, _ = open_or_rebuild(folder, options, now_us=now_us())
    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)
    return ledger
