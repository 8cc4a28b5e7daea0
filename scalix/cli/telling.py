"""Channels that alerts are to go to, and that nobody has added: a warning, since they may be added later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalix.store.control import ControlStore


def warn_of_unknown(control: ControlStore, what: str, names: Iterable[str]) -> None:
    """Say on standard error which of these are no channels, and which are. Raises StoreError."""
    from analytics.alerts.channels import all_channels  # noqa: PLC0415 - heavy

    known = [one.name for one in all_channels(control)]
    for name in names:
        if name not in known:
            typer.echo(
                f"warning: {what} tells {name}, which is no channel (there are: {', '.join(known) or 'none'}); "
                f"nothing reaches it until `scalix alert add {name} URL`",
                err=True,
            )
