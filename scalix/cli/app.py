"""The commands, and the one place where errors become messages and exit codes: 1 for ours, 2 for wrong usage."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from scalix.cli import alert_silences
from scalix.cli.alert_rules import rules
from scalix.cli.alerts import alert
from scalix.cli.backups import backup, check, restore
from scalix.cli.budget_simulation import simulate
from scalix.cli.budgets import budget
from scalix.cli.exporting import export
from scalix.cli.forget import forget
from scalix.cli.gateway import gateway as gateway_command
from scalix.cli.gateway import refuse_without_proxy
from scalix.cli.importing import import_files
from scalix.cli.keys import key
from scalix.cli.models import models
from scalix.cli.objectives import objective
from scalix.cli.options import FolderOption, JsonOption, chosen_folder
from scalix.cli.prices import price, prices, reprice
from scalix.cli.reconcile import reconcile
from scalix.cli.replay import replay, savings
from scalix.cli.routing import explain, route
from scalix.cli.sql import sql
from scalix.errors import ScalixError
from scalix.release import release

app = typer.Typer(
    name="scalix",
    help="What LLM calls cost, whether they can be relied on, and which provider the next one should go to.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(price)
app.command()(reprice)
app.command()(reconcile)
app.command()(sql)
app.command()(forget)
app.command()(route)
app.command()(explain)
app.command()(replay)
app.command()(savings)
app.command()(models)
app.add_typer(prices)
budget.command("simulate")(simulate)
app.add_typer(budget)
app.add_typer(objective)
alert.add_typer(rules)
alert_silences.add_to(alert)
app.add_typer(alert)
app.command("import")(import_files)
app.add_typer(export)
app.command("gateway")(gateway_command)
app.command()(backup)
app.command()(restore)
app.command()(check)
app.add_typer(key)


def main() -> None:
    """Run the command line; the only place that prints errors."""
    try:
        app()
    except ScalixError as error:
        sys.stderr.write(f"scalix: {error}\n")
        sys.exit(1)


@app.command()
def up(
    *,
    folder: FolderOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    gateway: Annotated[
        Path | None, typer.Option(help="LiteLLM Proxy's config.yaml: run the gateway, too, as `scalix gateway` does.")
    ] = None,
    gateway_host: Annotated[str, typer.Option(help="Address of the gateway.")] = "127.0.0.1",
    gateway_port: Annotated[int, typer.Option(help="Port of the gateway; 0 takes a free one.")] = 4000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve the gateway.")] = 1,
) -> None:
    """Run the hub: take in the spool, keep the ledger and the lake, serve the dashboard and the API."""
    from scalix.cli.up import GatewayOptions, start  # noqa: PLC0415 - heavy

    if gateway is not None:
        refuse_without_proxy()
    beside = None if gateway is None else GatewayOptions(gateway, gateway_host, gateway_port, workers)
    start(chosen_folder(folder), host=host, port=port, gateway=beside)


@app.command()
def doctor(folder: FolderOption = None, json_output: JsonOption = False) -> None:
    """Say what is where, how far behind, what was lost, and what is wrong. Exits with 1 when something is."""
    from scalix.cli.doctor import examine, report  # noqa: PLC0415 - heavy

    health = examine(chosen_folder(folder))
    typer.echo(json.dumps(health, default=str) if json_output else report(health))
    raise typer.Exit(0 if health["healthy"] else 1)


@app.command()
def ship(
    to: Annotated[str, typer.Option(help="URL of the hub.")],
    token: Annotated[str, typer.Option(envvar="SCALIX_INGEST_TOKEN", help="The hub's ingest token.")],
    folder: FolderOption = None,
    once: Annotated[bool, typer.Option(help="End when everything that is there has been sent.")] = False,
) -> None:
    """Send this machine's spool to a hub elsewhere, deleting only what it acknowledged."""
    from scalix.ship import ship_spool  # noqa: PLC0415 - heavy

    ship_spool(chosen_folder(folder).spool, to, token, once=once)


@app.command()
def demo(
    folder: FolderOption = None,
    once: Annotated[bool, typer.Option(help="End after the comparison instead of staying.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the dashboard.")] = None,
    json_output: JsonOption = False,
) -> None:
    """Show it at work: local providers, real LiteLLM traffic, a month of history, and the comparison of both sides."""
    from scalix.demo.run import run_demo  # noqa: PLC0415 - heavy

    raise typer.Exit(run_demo(once, json_output, folder, port))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"scalix {release()}")
