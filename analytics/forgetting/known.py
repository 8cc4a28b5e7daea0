"""Whether there is anybody to forget: a mistyped folder or name must not look like a person who is gone."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from analytics.forgetting.proof import is_in_files
from scalix.errors import NotThereError, StoreError
from scalix.settings import load
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from scalix.store.rewriting_control import mentions_in_control

if TYPE_CHECKING:
    from analytics.forgetting.names import Person
    from scalix.folder import Folder


def refuse_no_folder(folder: Folder) -> None:
    """Raise StoreError when nothing that Scalix keeps lies there."""
    stores = (folder.spool, folder.archive, folder.ledger, folder.lake, folder.control)
    if not any(path.exists() for path in stores):
        raise StoreError(f"{folder.root} is no Scalix folder: nobody to forget; name another with --folder")


def refuse_nobody(folder: Folder, person: Person) -> None:
    """Raise NotThereError when nothing of the folder mentions the person; LedgerLockedError while a hub runs."""
    if folder.ledger.is_file():
        Ledger.open(folder).close()
    if not is_in_files(folder, person) and not _is_in_control_elsewhere(folder, person):
        raise NotThereError(
            f"nobody is recorded as {person.name} in {folder.root}: check the name; "
            "who was forgotten before is known by the pseudonym alone"
        )


def _is_in_control_elsewhere(folder: Folder, person: Person) -> bool:
    """A store that is no file of the folder."""
    if load(folder).control_url is None:
        return False
    with closing(ControlStore.in_folder(folder)) as control:
        return any(person.is_in(value.encode()) for value in mentions_in_control(control, person.name))
