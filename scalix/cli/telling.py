"""Channels that alerts are to go to, and that nobody has added: a warning, since they may be added later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from scalix.store.control import ControlStore


def warn_of_unknown(control: ControlStore, what: str, names: Collection[str]) -> None:
    """Say on standard error which of these are no channels, and which are. Raises StoreError."""
    from analytics.alerts.channels import unheard  # noqa: PLC0415 - heavy

    for line in unheard(control, what, names):
        typer.echo(f"warning: {line}", err=True)
