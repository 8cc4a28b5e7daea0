"""`scalix objective`: add, list, show, edit and remove objectives, and see how they stand."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from scalix.cli.options import (
    FolderOption,
    JsonOption,
    ReasonOption,
    ScopeOption,
    TellOption,
    chosen_folder,
    control_of,
)
from scalix.cli.telling import warn_of_unknown
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics.objectives.definitions import Objective

objective = typer.Typer(name="objective", help="Objectives: add, list, show, edit, remove.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name of the objective.")]
MeasureArgument = Annotated[
    str, typer.Argument(help="success, errors, mean_latency, p95_latency, mean_ttft or p95_ttft.")
]
TargetArgument = Annotated[str, typer.Argument(help="Percent for success and errors, seconds for the others.")]
WindowOption = Annotated[str, typer.Option(help="A length that ends now: 24h, 30d.")]
LeastOption = Annotated[int, typer.Option(help="Events that a window must have for anything to be said about it.")]


def _defining(*, replace: bool) -> Callable[..., None]:
    """What `add` and `edit` do: they take the same, and differ in whether there must be such an objective."""

    def define(
        name: NameArgument,
        measure: MeasureArgument,
        target: TargetArgument,
        *,
        window: WindowOption = "30d",
        scope: ScopeOption = None,
        least: LeastOption = 50,
        tell: TellOption = None,
        reason: ReasonOption = None,
        folder: FolderOption = None,
    ) -> None:
        given = _objective(name, measure, target, window=window, scope=scope, least=least, tell=tell)
        _keep(given, folder, reason, replace=replace)

    return define


objective.command("add", help="Add an objective.")(_defining(replace=False))
objective.command("edit", help="Define an objective anew, a default too. What it was stays in its history.")(
    _defining(replace=True)
)


@objective.command()
def load(
    file: Annotated[Path, typer.Argument(help="TOML file of [[objective]] tables.")],
    *,
    reason: ReasonOption = None,
    folder: FolderOption = None,
) -> None:
    """Add or change all objectives of a file."""
    from analytics.objectives.definitions import from_toml  # noqa: PLC0415 - heavy
    from analytics.objectives.shelf import all_objectives  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        known = {one.name for one in all_objectives(control)}
    for one in from_toml(file):
        _keep(one, folder, reason or f"from {file.name}", replace=one.name in known)


@objective.command()
def remove(name: NameArgument, *, reason: ReasonOption = None, folder: FolderOption = None) -> None:
    """Remove an objective, a default too. Its history stays."""
    from analytics.objectives import shelf  # noqa: PLC0415 - heavy

    with control_of(folder) as (place, control):
        shelf.remove(control, place.spool, name, reason=reason)
    typer.echo(f"objective {name} is removed")


@objective.command("list")
def list_(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """All objectives and how they stand, by the lake's rollups, which are up to a minute old."""
    from analytics.objectives.state import in_lake  # noqa: PLC0415 - heavy
    from scalix.cli.objective_text import state_line  # noqa: PLC0415 - heavy

    states = in_lake(chosen_folder(folder))
    rows = [state.as_dict() for state in states]
    typer.echo(json.dumps(rows) if json_output else "\n".join(map(state_line, states)) or "no objectives")


@objective.command()
def show(name: NameArgument, *, json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """One objective in full. Exits with 1 when it burns or is breached."""
    from analytics.objectives.state import in_lake  # noqa: PLC0415 - heavy
    from scalix.cli.objective_text import state_text  # noqa: PLC0415 - heavy

    found = [state for state in in_lake(chosen_folder(folder)) if state.objective.name == name]
    if not found:
        raise SettingsError(f"there is no objective {name}; `scalix objective list` names them")
    typer.echo(json.dumps(found[0].as_dict()) if json_output else state_text(found[0]))
    raise typer.Exit(1 if found[0].status in {"burning", "breached"} else 0)


def _objective(
    name: str,
    measure: str,
    target: str,
    *,
    window: str,
    scope: list[str] | None,
    least: int,
    tell: list[str] | None,
) -> Objective:
    from analytics.budgets.typed import pair  # noqa: PLC0415 - heavy
    from analytics.objectives.definitions import Measure, Objective, checked  # noqa: PLC0415 - heavy

    if measure not in get_args(Measure):
        raise SettingsError(f"nothing is measured as {measure}; choose of {', '.join(get_args(Measure))}")
    try:
        number = Decimal(target)
    except InvalidOperation as error:
        raise SettingsError(f"{target} is no target; give percent, such as 99.5, or seconds, such as 2") from error
    given = Objective(
        name=name,
        measure=measure,  # type: ignore[arg-type]  # one of them, as checked
        target=number,
        window=window,
        scope=dict(map(pair, scope or ())),
        least_events=least,
        channels=tuple(tell or ()),
    )
    return checked(given)


def _keep(one: Objective, folder: Path | None, reason: str | None, *, replace: bool) -> None:
    from analytics.objectives import shelf  # noqa: PLC0415 - heavy
    from scalix.cli.objective_text import aim  # noqa: PLC0415 - heavy

    with control_of(folder) as (place, control):
        shelf.keep(control, place.spool, one, reason=reason, replace=replace)
        warn_of_unknown(control, f"objective {one.name}", one.channels)
    typer.echo(f"objective {one.name}: {aim(one)}")
