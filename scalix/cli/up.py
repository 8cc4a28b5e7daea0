"""`scalix up`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from scalix.hub.address import read_address
from scalix.hub.server import run
from scalix.settings import load, unknown_variables
from scalix.store.ledger import LedgerLockedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.folder import Folder

STOP_S = 30


@dataclass(frozen=True)
class GatewayOptions:
    """A gateway to be run beside the hub."""

    config: Path
    host: str
    port: int
    workers: int


def start(folder: Folder, *, host: str | None, port: int | None, gateway: GatewayOptions | None = None) -> None:
    """Run the hub of this folder until it is told to stop, and the gateway beside it; options win over settings."""
    options = {"host": host, "port": port}
    settings = load(folder).model_copy(update={name: value for name, value in options.items() if value is not None})
    for sentence in unknown_variables(os.environ):
        typer.echo(f"scalix: {sentence}", err=True)
    try:
        with _beside(folder, gateway):
            run(folder, settings, announce=lambda url: _announce(url, folder))
    except LedgerLockedError as error:
        address = read_address(folder)
        where = f" A hub of this folder answers at {address.url}, process {address.pid}." if address else ""
        raise LedgerLockedError(f"{error}.{where}") from error


def _announce(url: str, folder: Folder) -> None:
    typer.echo(f"Scalix is up at {url}, folder {folder.root}")


@contextmanager
def _beside(folder: Folder, options: GatewayOptions | None) -> Iterator[None]:
    """A process of its own: the hub goes on without it, and says so should it end."""
    if options is None:
        yield
        return
    command = [sys.executable, "-m", "scalix", "gateway", str(options.config), "--folder", str(folder.root)]
    where = ["--host", options.host, "--port", str(options.port), "--workers", str(options.workers)]
    stopping = threading.Event()
    process = subprocess.Popen([*command, *where])  # noqa: S603 - our interpreter

    def watch() -> None:
        status = process.wait()
        if not stopping.is_set():
            typer.echo(f"scalix: the gateway has ended with {status}; the hub goes on without it", err=True)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
