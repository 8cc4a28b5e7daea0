"""`scalix reconcile`: a provider's usage or cost export held against what was recorded."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder


def reconcile(
    files: Annotated[list[Path], typer.Argument(help="Exports: JSON, JSON lines, CSV or Parquet.", metavar="FILE...")],
    *,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Explain, by day and model, why a provider's bill differs from what was recorded.

    Takes usage and costs of OpenAI and Anthropic, Google Cloud billing, Azure cost details, OpenRouter activity, and
    FOCUS of any provider. Exits with 1 when records had to be set aside.
    """
    from analytics.pricing.published import published_book  # noqa: PLC0415 - heavy
    from analytics.reconcile.reconcile import reconcile as reconciled  # noqa: PLC0415 - heavy
    from scalix.cli.reconcile_text import report, waiting  # noqa: PLC0415 - heavy
    from scalix.store.lake_reader import LakeReader  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with waiting("Holding the bill against what was recorded"):
        found = reconciled(files, LakeReader(place.lake_views), published_book(place))
    if json_output:
        typer.echo(json.dumps(found.as_dict()))
    else:
        report(found)
    raise typer.Exit(1 if found.rejected else 0)
