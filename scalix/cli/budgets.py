"""`scalix budget`: add, list, show, edit and remove budgets, and see how they stand."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import (
    FolderOption,
    JsonOption,
    ReasonOption,
    ScopeOption,
    TellOption,
    chosen_folder,
    control_of,
    lake_of,
)
from scalix.cli.telling import warn_of_unknown
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics.budgets.definitions import Budget

budget = typer.Typer(name="budget", help="Budgets: add, list, show, edit, remove, simulate.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name of the budget.")]
AmountArgument = Annotated[str, typer.Argument(help="Dollars that may be spent in a window.")]
WindowOption = Annotated[str, typer.Option(help="hour, day, week, month, or a length that ends now: 24h, 30d.")]
ZoneOption = Annotated[str, typer.Option(help="Zone of the calendar, such as Europe/Berlin.")]
ThresholdOption = Annotated[
    list[str] | None, typer.Option("--at", help="Percent, or percent=action: warn, degrade, block; repeatable.")
]


def _defining(*, replace: bool) -> Callable[..., None]:
    """What `add` and `edit` do: they take the same, and differ in whether there must be such a budget."""

    def define(
        name: NameArgument,
        amount: AmountArgument,
        *,
        window: WindowOption = "month",
        zone: ZoneOption = "UTC",
        scope: ScopeOption = None,
        at: ThresholdOption = None,
        tell: TellOption = None,
        reason: ReasonOption = None,
        folder: FolderOption = None,
    ) -> None:
        given = defined(name, amount, window=window, zone=zone, scope=scope, at=at, tell=tell)
        _keep(given, folder, reason, replace=replace)

    return define


budget.command("add", help="Add a budget. Thresholds are 50, 80 and 100 % unless named with --at.")(
    _defining(replace=False)
)
budget.command("edit", help="Define a budget anew. What it was stays in its history.")(_defining(replace=True))


@budget.command()
def load(
    file: Annotated[Path, typer.Argument(help="TOML file of [[budget]] tables.")],
    *,
    reason: ReasonOption = None,
    folder: FolderOption = None,
) -> None:
    """Add or change all budgets of a file."""
    from analytics.budgets.definitions import from_toml  # noqa: PLC0415 - heavy
    from analytics.budgets.shelf import all_budgets  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        known = {one.name for one in all_budgets(control)}
    for one in from_toml(file):
        _keep(one, folder, reason or f"from {file.name}", replace=one.name in known)


@budget.command()
def remove(name: NameArgument, *, reason: ReasonOption = None, folder: FolderOption = None) -> None:
    """Remove a budget. Its history stays."""
    from analytics.budgets import shelf  # noqa: PLC0415 - heavy

    with control_of(folder) as (place, control):
        shelf.remove(control, place.spool, name, reason=reason)
    typer.echo(f"budget {name} is removed")


@budget.command("list")
def list_(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """All budgets and how they stand, computed from the lake."""
    from analytics.budgets.state import in_lake  # noqa: PLC0415 - heavy
    from scalix.cli.budget_text import state_line  # noqa: PLC0415 - heavy

    states = in_lake(chosen_folder(folder))
    rows = [state.as_dict() for state in states]
    typer.echo(json.dumps(rows) if json_output else "\n".join(map(state_line, states)) or "no budgets")


@budget.command()
def show(name: NameArgument, *, json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """One budget in full. Exits with 1 when all of it is spent."""
    from analytics.budgets.outlook import outlook  # noqa: PLC0415 - heavy
    from analytics.budgets.state import in_lake  # noqa: PLC0415 - heavy
    from scalix.cli.budget_text import outlook_text, state_text  # noqa: PLC0415 - heavy

    found = next((state for state in in_lake(chosen_folder(folder)) if state.budget.name == name), None)
    if found is None:
        raise SettingsError(f"there is no budget {name}; `scalix budget list` names them")
    ahead = outlook(found, lake_of(folder))
    typer.echo(
        json.dumps({**found.as_dict(), "forecast": ahead.as_dict()})
        if json_output
        else state_text(found) + outlook_text(ahead)
    )
    raise typer.Exit(1 if found.left_usd <= 0 else 0)


def defined(
    name: str,
    amount: str,
    *,
    window: str,
    zone: str,
    scope: list[str] | None,
    at: list[str] | None,
    tell: list[str] | None,
) -> Budget:
    """A budget of what was typed. Raises SettingsError."""
    from analytics.budgets.typed import typed  # noqa: PLC0415 - heavy

    return typed(name, amount, window=window, zone=zone, scope=scope or (), at=at or (), channels=tell or ())


def _keep(one: Budget, folder: Path | None, reason: str | None, *, replace: bool) -> None:
    from analytics.budgets import shelf  # noqa: PLC0415 - heavy

    with control_of(folder) as (place, control):
        shelf.keep(control, place.spool, one, reason=reason, replace=replace)
        warn_of_unknown(control, f"budget {one.name}", one.channels)
    typer.echo(f"budget {one.name}: {one.amount_usd} USD a {one.window} ({one.zone})")
