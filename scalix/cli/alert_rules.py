"""`scalix alert rules`: what is watched."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, control_of
from scalix.cli.telling import warn_of_unknown
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from analytics.alerts.rules import Rule

rules = typer.Typer(name="rules", help="What is watched: list, load, disable, enable, remove.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name of the rule.")]


@rules.command("list")
def list_rules(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """Every rule, built in or loaded."""
    import msgspec  # noqa: PLC0415 - only here

    from analytics.alerts.rules import all_rules  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        found = all_rules(control)
    if json_output:
        typer.echo(json.dumps([msgspec.to_builtins(rule) for rule in found]))
        return
    for rule in found:
        extra = "" if rule.enabled else ", disabled"
        extra += f", quiet {rule.quiet} {rule.zone}" if rule.quiet else ""
        typer.echo(f"{rule.name}: {rule.kind}, every {rule.every_s} s, {rule.severity}{extra}")


@rules.command()
def load(
    file: Annotated[Path, typer.Argument(help="TOML file of [[rule]] tables.")], *, folder: FolderOption = None
) -> None:
    """Add or change all rules of a file; one named as a built-in rule takes its place."""
    from analytics.alerts.rules import from_toml, keep  # noqa: PLC0415 - heavy
    from analytics.alerts.watchers.saved_sql import refuse_unparsable  # noqa: PLC0415 - heavy

    found = from_toml(file)
    with control_of(folder) as (place, control):
        for rule in found:
            refuse_unparsable(rule, place.queries)
        for rule in found:
            keep(control, rule)
            warn_of_unknown(control, f"rule {rule.name}", rule.channels)
    typer.echo(f"{len(found)} rules are loaded: {', '.join(rule.name for rule in found)}")


@rules.command()
def disable(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Watch no longer, and end what fires."""
    _switch(name, folder, enabled=False)


@rules.command()
def enable(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Watch again."""
    _switch(name, folder, enabled=True)


@rules.command()
def remove(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Remove a loaded rule; a built-in one is as it was made."""
    from analytics.alerts.rules import remove as take_away  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        take_away(control, name)
    typer.echo(f"rule {name} is removed")


def _switch(name: str, folder: Path | None, *, enabled: bool) -> None:
    import msgspec  # noqa: PLC0415 - only here

    from analytics.alerts.rules import all_rules, keep  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        found: dict[str, Rule] = {rule.name: rule for rule in all_rules(control)}
        if name not in found:
            raise SettingsError(f"there is no rule {name}; `scalix alert rules list` names them")
        keep(control, msgspec.structs.replace(found[name], enabled=enabled))
    typer.echo(f"rule {name} is {'enabled' if enabled else 'disabled'}")
