"""`scalix alert silence`: telling nothing for a while, ending that, and seeing for what."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, control_of
from scalix.errors import SettingsError
from scalix.times import from_us

if TYPE_CHECKING:
    from analytics.alerts.silences import Silence
    from scalix.store.control import ControlStore

_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def silence(
    rule: Annotated[str, typer.Argument(help="Rule that is not told; * is any.")],
    subject: Annotated[str, typer.Argument(help="Subject, such as a budget's name; * is any.")] = "*",
    *,
    length: Annotated[str, typer.Option("--for", help="How long, such as 90m, 2h or 3d.")] = "2h",
    reason: Annotated[str, typer.Option(help="Why, for whoever finds it.")],
    folder: FolderOption = None,
) -> None:
    """Tell nothing for a while. What still holds when it ends is told then."""
    from analytics.alerts import silences  # noqa: PLC0415 - heavy
    from analytics.facts import who  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        _refuse_unknown(control, rule)
        made = silences.silence(control, rule, subject, seconds=_seconds(length), reason=reason, made_by=who())
    typer.echo(f"silence {made.id} lasts until {from_us(made.until_us):%F %T} UTC")


def unsilence(
    silence_id: Annotated[str, typer.Argument(help="Id of a silence, from `scalix alert silences`.")],
    *,
    folder: FolderOption = None,
) -> None:
    """End a silence now."""
    from analytics.alerts import silences  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        silences.end(control, silence_id)
    typer.echo(f"silence {silence_id} is ended")


def list_silences(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """Every silence, the latest first."""
    from analytics.alerts.silences import all_silences  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        found = all_silences(control)
    if json_output:
        typer.echo(json.dumps([vars(one) for one in found]))
        return
    typer.echo("\n".join(map(_silence_line, found)) or "no silences")


def add_to(alert: typer.Typer) -> None:
    """Put these commands among those of `scalix alert`."""
    for name, command in (("silence", silence), ("unsilence", unsilence), ("silences", list_silences)):
        alert.command(name)(command)


def _refuse_unknown(control: ControlStore, pattern: str) -> None:
    from analytics.alerts.rules import all_rules  # noqa: PLC0415 - heavy

    if not any(fnmatchcase(rule.name, pattern) for rule in all_rules(control)):
        raise SettingsError(f"there is no rule {pattern}; `scalix alert rules list` names them")


def _silence_line(one: Silence) -> str:
    span = f"{from_us(one.from_us):%F %T} to {from_us(one.until_us):%F %T} UTC"
    return f"{one.id}: {one.rule} {one.subject}, {span}, by {one.made_by or 'unknown'}: {one.reason}"


def _seconds(text: str) -> float:
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdecimal():
        raise SettingsError(f"{text} is no length of time; write it as 90m, 2h or 3d")
    return int(number) * _UNITS[unit]
