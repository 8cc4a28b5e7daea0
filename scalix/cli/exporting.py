"""`scalix export`: attempts as Parquet by day, and charges as FOCUS for finance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from scalix.cli.moments import span_of
from scalix.cli.options import FolderOption, JsonOption, MomentOption, lake_of
from scalix.cli.progress import progress

export = typer.Typer(name="export", help="Give the data to others: Parquet by day, FOCUS.", no_args_is_help=True)

IntoArgument = Annotated[Path, typer.Argument(help="Folder to write to; what it holds already is not written again.")]


@export.command()
def parquet(
    into: IntoArgument,
    *,
    since: MomentOption = None,
    until: MomentOption = None,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write attempts as Parquet, a file for each day, and the other views as one file each."""
    from analytics.exports.parquet import export_parquet  # noqa: PLC0415 - heavy

    start, end = span_of(since, until)
    with progress("days", quiet=json_output) as note:
        done = export_parquet(lake_of(folder), into, since=start, until=end, note=note)
    answer = {"days": done.days, "unchanged_days": done.unchanged_days, "attempts": done.attempts}
    text = (
        f"{done.attempts:,} attempts of {done.days:,} days written to {into}; {done.unchanged_days:,} days were there"
    )
    typer.echo(json.dumps(answer) if json_output else text)


@export.command()
def focus(
    into: IntoArgument,
    *,
    version: Annotated[Literal["1.2", "1.3"], typer.Option(help="Version of FOCUS.")] = "1.2",
    form: Annotated[Literal["csv", "parquet"], typer.Option("--format", help="csv or parquet.")] = "csv",
    since: MomentOption = None,
    until: MomentOption = None,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write charges as FOCUS has them: tokens of each class at their price, by day, in billing periods of months."""
    from analytics.exports.focus import export_focus  # noqa: PLC0415 - heavy

    start, end = span_of(since, until)
    with progress("days", quiet=json_output) as note:
        done = export_focus(
            lake_of(folder),
            into,
            version=version,
            form=form,
            since=start,
            until=end,
            note=note,
        )
    answer = {
        "days": done.days,
        "unchanged_days": done.unchanged_days,
        "rows": done.rows,
        "billed_usd": str(done.billed_usd),
        "attempts_of_unknown_cost": done.unknown,
    }
    lines = [f"{done.rows:,} charges of {done.days:,} days, {done.billed_usd:,.6f} USD, written to {into}"]
    if done.unknown:
        lines.append(
            f"{done.unknown:,} attempts have no known cost and are in no charge: `scalix sql --named unpriced_models`"
        )
    typer.echo(json.dumps(answer) if json_output else "\n".join(lines))
