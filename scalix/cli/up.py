"""`scalix up`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from scalix.hub.address import read_address
from scalix.hub.server import run
from scalix.settings import load, unknown_variables
from scalix.store.ledger import LedgerLockedError

if TYPE_CHECKING:
    from scalix.folder import Folder


def start(folder: Folder, *, host: str | None, port: int | None) -> None:
    """Run the hub of this folder until it is told to stop; options win over settings."""
    options = {"host": host, "port": port}
    settings = load(folder).model_copy(update={name: value for name, value in options.items() if value is not None})
    for sentence in unknown_variables(os.environ):
        typer.echo(f"scalix: {sentence}", err=True)
    try:
        run(folder, settings, announce=lambda url: typer.echo(f"Scalix is up at {url}, folder {folder.root}"))
    except LedgerLockedError as error:
        address = read_address(folder)
        where = f" A hub of this folder answers at {address.url}, process {address.pid}." if address else ""
        raise LedgerLockedError(f"{error}.{where}") from error
