"""``scalix models``: what can be called, with list prices."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from analytics.pricing.litellm_map import installed_file
from routing.catalogue.catalogue import load
from routing.catalogue.listing import models as listed
from scalix.cli.options import FolderOption, JsonOption, chosen_folder

if TYPE_CHECKING:
    from routing.catalogue.listing import Model


def models(
    provider: Annotated[str | None, typer.Argument(help="One provider; otherwise all that are configured.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what LiteLLM's map of models lists for these providers.")
    ] = False,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the models of the configured providers, with their list prices."""
    catalogue = load(chosen_folder(folder).providers)
    found = listed(catalogue, _known(), provider=provider, everything=everything)
    if json_output:
        typer.echo(json.dumps({"models": [asdict(model) for model in found], "groups": dict(catalogue.groups)}))
    elif found:
        Console().print(_table(found))
    else:
        typer.echo("No models; `scalix models --all` shows what is known, docs/how-to/configure-providers.md how to.")


def _known() -> dict[str, Any]:
    path = installed_file()
    known: dict[str, Any] = json.loads(path.read_bytes()) if path else {}
    return known


def _table(found: list[Model]) -> Table:
    table = Table("model", "LiteLLM's name", "context", "USD/M in", "USD/M out", "configured", box=None)
    for model in found:
        numbers = (model.context_tokens, model.input_usd, model.output_usd)
        shown = ("unknown" if one is None else f"{one:,}" for one in numbers)
        table.add_row(model.name, model.litellm, *shown, "yes" if model.configured else "no")
    return table
