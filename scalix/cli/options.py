"""Options that several commands share, and the stores of the folder that one of them names."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.folder import HOME_VARIABLE, Folder, default_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.store.control import ControlStore
    from scalix.store.lake_reader import LakeReader

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Scalix folder; otherwise SCALIX_HOME, or ~/.scalix.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ReasonOption = Annotated[str | None, typer.Option(help="Why, to be kept with the change.")]
ScopeOption = Annotated[
    list[str] | None, typer.Option("--for", help="What counts, such as team=search or provider=openai; repeatable.")
]
TellOption = Annotated[list[str] | None, typer.Option("--tell", help="Channel for alerts; all of them otherwise.")]
MomentOption = Annotated[str | None, typer.Option(help="A moment, such as 2026-11-01T08:00:00Z.")]


def chosen_folder(given: Path | None) -> Folder:
    """The folder of this command, and of all that this process starts."""
    if given is not None:
        os.environ[HOME_VARIABLE] = str(given.expanduser().resolve())
    return default_folder()


@contextmanager
def control_of(folder: Path | None) -> Iterator[tuple[Folder, ControlStore]]:
    """The folder of this command and its control store, open. Raises StoreError."""
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with closing(ControlStore.in_folder(place)) as control:
        yield place, control


def lake_of(folder: Path | None) -> LakeReader:
    """The lake of the folder of this command."""
    from scalix.store.lake_reader import LakeReader  # noqa: PLC0415 - heavy

    return LakeReader(chosen_folder(folder).lake_views)
