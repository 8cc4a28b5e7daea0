"""`scalix budget`: add, list, show, edit and remove budgets, and see how they stand."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from analytics.budgets.definitions import Budget

budget = typer.Typer(name="budget", help="Budgets: add, list, show, edit, remove, simulate.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name of the budget.")]
AmountArgument = Annotated[str, typer.Argument(help="Dollars that may be spent in a window.")]
WindowOption = Annotated[str, typer.Option(help="hour, day, week, month, or a length that ends now: 24h, 30d.")]
ZoneOption = Annotated[str, typer.Option(help="Zone of the calendar, such as Europe/Berlin.")]
ScopeOption = Annotated[
    list[str] | None, typer.Option("--for", help="What counts, such as team=search or provider=openai; repeatable.")
]
ThresholdOption = Annotated[
    list[str] | None, typer.Option("--at", help="Percent, or percent=action: warn, degrade, block; repeatable.")
]
ChannelOption = Annotated[list[str] | None, typer.Option("--tell", help="Channel for alerts; all of them otherwise.")]
ReasonOption = Annotated[str | None, typer.Option(help="Why, to be kept with the change.")]


@budget.command()
def add(
    name: NameArgument,
    amount: AmountArgument,
    *,
    window: WindowOption = "month",
    zone: ZoneOption = "UTC",
    scope: ScopeOption = None,
    at: ThresholdOption = None,
    tell: ChannelOption = None,
    reason: ReasonOption = None,
    folder: FolderOption = None,
) -> None:
    """Add a budget. Thresholds are 50, 80 and 100 % unless named with --at."""
    _keep(defined(name, amount, window=window, zone=zone, scope=scope, at=at, tell=tell), folder, reason, replace=False)


@budget.command()
def edit(
    name: NameArgument,
    amount: AmountArgument,
    *,
    window: WindowOption = "month",
    zone: ZoneOption = "UTC",
    scope: ScopeOption = None,
    at: ThresholdOption = None,
    tell: ChannelOption = None,
    reason: ReasonOption = None,
    folder: FolderOption = None,
) -> None:
    """Define a budget anew. What it was stays in its history."""
    _keep(defined(name, amount, window=window, zone=zone, scope=scope, at=at, tell=tell), folder, reason, replace=True)


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
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    with closing(ControlStore.in_folder(chosen_folder(folder))) as control:
        known = {one.name for one in all_budgets(control)}
    for one in from_toml(file):
        _keep(one, folder, reason or f"from {file.name}", replace=one.name in known)


@budget.command()
def remove(name: NameArgument, *, reason: ReasonOption = None, folder: FolderOption = None) -> None:
    """Remove a budget. Its history stays."""
    from analytics.budgets import shelf  # noqa: PLC0415 - heavy
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with closing(ControlStore.in_folder(place)) as control:
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
    from scalix.store.lake_reader import LakeReader  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    found = next((state for state in in_lake(place) if state.budget.name == name), None)
    if found is None:
        raise SettingsError(f"there is no budget {name}; `scalix budget list` names them")
    ahead = outlook(found, LakeReader(place.lake_views))
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
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with closing(ControlStore.in_folder(place)) as control:
        shelf.keep(control, place.spool, one, reason=reason, replace=replace)
    typer.echo(f"budget {one.name}: {one.amount_usd} USD a {one.window} ({one.zone})")
