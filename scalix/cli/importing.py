"""`scalix import`: what LiteLLM, Langfuse, Helicone or an OpenTelemetry collector recorded before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from scalix.cli.moments import span_of
from scalix.cli.options import FolderOption, JsonOption, MomentOption, chosen_folder
from scalix.cli.progress import progress
from scalix.errors import SettingsError
from scalix.times import now_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.imports.running import ImportState

Origin = Literal["litellm", "langfuse", "helicone", "otlp"]
OriginArgument = Annotated[Origin, typer.Argument(help="Whose export the files are.")]
FilesArgument = Annotated[list[Path], typer.Argument(help="CSV, JSON, JSON lines or Parquet, with or without .gz.")]


def import_files(
    origin: OriginArgument,
    files: FilesArgument,
    *,
    since: MomentOption = None,
    until: MomentOption = None,
    again: Annotated[bool, typer.Option(help="Start over, also where an earlier import stopped or ended.")] = False,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """Import calls that others recorded. Going on after an interruption, and importing twice, changes nothing.

    Exits with 1 when nothing of a file was taken and records of it were rejected.
    """
    from analytics.imports.running import Chosen, import_file  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    start, end = span_of(since, until)
    chosen = Chosen(since_us=_us(start), until_us=_us(end))
    states = []
    for file in files:
        with progress(file.name, quiet=json_output) as note:
            states.append(import_file(place, origin, file, now_us=now_us(), chosen=chosen, again=again, note=note))
        if not json_output:
            typer.echo("\n".join(_lines(states[-1])))
    if json_output:
        typer.echo(json.dumps([_as_dict(state) for state in states]))
    if futile := [_futile(state) for state in states if state.rejected and not state.imported]:
        raise SettingsError("\n".join(futile))


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def _lines(state: ImportState) -> list[str]:
    rest = f", {state.passed_over:,} passed over" if state.passed_over else ""
    rejected = f", {state.rejected:,} rejected" if state.rejected else ""
    lines = [f"{state.file}: {state.records:,} records, {state.imported:,} calls{rest}{rejected}"]
    lines += [f"  {number:,} times: {reason}" for reason, number in sorted(state.reasons.items(), key=_often)]
    return lines


def _futile(state: ImportState) -> str:
    others = ", ".join(origin for origin in get_args(Origin) if origin != state.origin)
    return (
        f"nothing of {state.file} was taken, {state.rejected:,} of its records were rejected: see that it is an "
        f"export of {state.origin}, or name whose it is ({others}); the lake's view quarantine says why"
    )


def _often(entry: tuple[str, int]) -> int:
    return -entry[1]


def _as_dict(state: ImportState) -> dict[str, object]:
    return {
        "file": state.file,
        "records": state.records,
        "imported": state.imported,
        "passed_over": state.passed_over,
        "rejected": state.rejected,
        "reasons": state.reasons,
    }
