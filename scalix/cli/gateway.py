"""`scalix gateway`: one address for clients that speak HTTP."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from scalix.cli.options import FolderOption, chosen_folder
from scalix.errors import SettingsError


def gateway(
    config: Annotated[Path, typer.Argument(help="LiteLLM Proxy's config.yaml; at least its model_list.")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve; one that dies is started again.")] = 1,
    folder: FolderOption = None,
) -> None:
    """Run LiteLLM Proxy with keys, budgets and recording, and no database server."""
    refuse_without_proxy()
    from scalix.gateway.supervisor import serve  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    serve(place, config, host=host, port=port, workers=workers, announce=typer.echo)


def refuse_without_proxy() -> None:
    """Raise SettingsError when LiteLLM Proxy is not installed."""
    if find_spec("yaml") is None or find_spec("litellm") is None:
        raise SettingsError("the gateway is not installed: pip install 'scalix[gateway]'")
