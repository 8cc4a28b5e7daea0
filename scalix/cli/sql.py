"""`scalix sql`: queries over the lake, whether the hub runs or not, as a table, CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scalix.cli.options import FolderOption, chosen_folder
from scalix.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from scalix.store.lake_reader import LakeReader

Format = Literal["table", "csv", "json", "parquet", "arrow"]
MOST_TABLE_ROWS = 1000
_BINARY = ("parquet", "arrow")
_FRESHNESS = "SELECT max(ended_at) FROM attempts"


def sql(
    query: Annotated[str | None, typer.Argument(help="The query; - reads standard input.")] = None,
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="File that holds the query.")] = None,
    named: Annotated[str | None, typer.Option(help="Name of a query; --list shows them.")] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the named queries.")] = False,
    parameter: Annotated[list[str] | None, typer.Option("-p", help="Parameter, such as -p days=7; repeatable.")] = None,
    form: Annotated[Format, typer.Option("--format", help="table, csv, json, parquet, arrow.")] = "table",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write to.")] = None,
    folder: FolderOption = None,
) -> None:
    """Ask the lake. It is a few seconds behind the calls; how fresh it is goes to standard error.

    Without a query it asks for one after the other, with completion and history.
    """
    from scalix.store.lake_reader import LakeReader  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    if show_list:
        _list(place.queries)
        return
    lake = LakeReader(place.lake_views)
    if query is None and file is None and named is None and sys.stdin.isatty():
        _prompt(lake, place.root / "sql_history", form)
        return
    text, parameters = _asked(query, file, named, place.queries)
    parameters |= dict(_pair(one) for one in parameter or ())
    _write(lake.read(text, parameters or None), form, output)
    _say_how_fresh(lake)


def _prompt(lake: LakeReader, history: Path, form: Format) -> None:
    from scalix.cli import sql_prompt  # noqa: PLC0415 - heavy

    _say_how_fresh(lake)
    sql_prompt.run(lake, history, answer=lambda text, given: _write(lake.read(text, given or None), form, None))


def _list(own: Path) -> None:
    from analytics.asking.queries import all_queries  # noqa: PLC0415 - heavy

    for one in all_queries(own):
        given = ", ".join(f"{name}={value}" if value else name for name, value in one.parameters.items())
        typer.echo(f"{one.name}{f' ({given})' if given else ''}: {one.asks}")


def _asked(query: str | None, file: Path | None, named: str | None, own: Path) -> tuple[str, dict[str, object]]:
    from analytics.asking.queries import named_query  # noqa: PLC0415 - heavy

    if sum(given is not None for given in (query, file, named)) > 1:
        raise SettingsError("give one query: as an argument, with --file, or with --named")
    if named:
        found = named_query(named, own)
        return found.sql, dict(found.parameters)
    if file:
        try:
            return file.read_text(encoding="utf-8"), {}
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} cannot be read: {error}") from error
    return (sys.stdin.read() if query in {None, "-"} else query) or "", {}


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SettingsError(f"-p {text}: write it as name=value")
    return name.strip(), value


def _write(frame: pl.DataFrame, form: Format, output: Path | None) -> None:
    if form in _BINARY and output is None and sys.stdout.isatty():
        raise SettingsError(f"{form} is not for a terminal: name a file with --output, or pipe it")
    try:
        _write_to(frame, form, output)
    except OSError as error:
        if output is None:
            raise
        raise SettingsError(
            f"{output} cannot be written: {error.strerror or error}; name a file in a folder that exists"
        ) from error


def _write_to(frame: pl.DataFrame, form: Format, output: Path | None) -> None:
    if form == "table":
        text = _table(frame)
    elif form == "csv":
        text = frame.select(_flat(frame)).write_csv()
    elif form == "json":
        text = json.dumps(frame.to_dicts(), default=str) + "\n"
    else:
        _write_binary(frame, form, output)
        return
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)


def _write_binary(frame: pl.DataFrame, form: str, output: Path | None) -> None:
    target = output or sys.stdout.buffer
    if form == "parquet":
        frame.write_parquet(target)
    else:
        frame.write_ipc_stream(target)


def _flat(frame: pl.DataFrame) -> list[pl.Expr]:
    """Lists and structs as JSON text, which CSV can hold."""
    import polars as pl  # noqa: PLC0415 - heavy

    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    as_text = [
        pl.col(name).map_elements(lambda value: json.dumps(_plain(value), default=str), return_dtype=pl.String)
        for name in nested
    ]
    return [pl.exclude(nested), *as_text] if nested else [pl.all()]


def _plain(value: object) -> object:
    to_list = getattr(value, "to_list", None)
    return to_list() if to_list else value


def _table(frame: pl.DataFrame) -> str:
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.table import Table  # noqa: PLC0415 - heavy
    from rich.text import Text  # noqa: PLC0415 - heavy

    table = Table()
    for name, dtype in frame.schema.items():
        table.add_column(Text(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(MOST_TABLE_ROWS).rows():
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console = Console()
    with console.capture() as captured:
        console.print(table)
    rest = frame.height - MOST_TABLE_ROWS
    return captured.get() + (f"{rest:,} more rows; --format csv has all of them\n" if rest > 0 else "")


def _say_how_fresh(lake: LakeReader) -> None:
    (newest,) = lake.read(_FRESHNESS).row(0)
    sys.stderr.write(f"newest call in the lake: {newest:%Y-%m-%d %H:%M:%S} UTC\n" if newest else "the lake is empty\n")
