"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from scalix.errors import SettingsError
from scalix.folder import HOME_VARIABLE, Folder, default_folder

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Scalix folder; otherwise SCALIX_HOME, or ~/.scalix.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
MomentOption = Annotated[str | None, typer.Option(help="A moment, such as 2026-11-01T08:00:00Z.")]


def chosen_folder(given: Path | None) -> Folder:
    """The folder of this command, and of all that this process starts."""
    if given is not None:
        os.environ[HOME_VARIABLE] = str(given.expanduser().resolve())
    return default_folder()


def pair(text: str) -> tuple[str, str]:
    """What ``--for team=search`` names. Raises SettingsError."""
    name, sign, value = text.partition("=")
    if not sign or not value:
        raise SettingsError(f"--for {text}: write it as team=search")
    return name.strip(), value.strip()
