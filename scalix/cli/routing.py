"""`scalix route` and `scalix explain`: whether routing acts, and why a request went where it went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder
from scalix.errors import SettingsError
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.snapshot import Mode

_CANARY_PERCENT = 10.0


def route(
    mode: Annotated[
        str | None, typer.Argument(help="off, shadow, canary, on or legacy; nothing shows what holds.")
    ] = None,
    *,
    percent: Annotated[
        float | None, typer.Option(min=0, max=100, help="Share of requests that a canary acts for; 10 without it.")
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Who answers everything in legacy mode.")] = None,
    folder: FolderOption = None,
) -> None:
    """Set whether routing acts, in every process that uses this folder, within seconds and without a restart."""
    from scalix import snapshot  # noqa: PLC0415 - heavy

    place = chosen_folder(folder).snapshot
    if mode is not None or percent is not None or provider is not None:
        snapshot.write_mode(place, _mode(mode, percent, provider, place))
    now = snapshot.read_mode(place)
    share = {"canary": f" for {now.canary_percent:g} % of requests", "legacy": f": all calls go to {now.provider}"}
    typer.echo(f"routing is {now.mode}{share.get(now.mode, '')}" + (f" ({now.note})" if now.note else ""))


def _mode(mode: str | None, percent: float | None, provider: str | None, published: Path) -> Mode:
    from scalix import snapshot  # noqa: PLC0415 - heavy
    from scalix.cli.legacy_provider import legacy_provider  # noqa: PLC0415 - heavy

    if mode is None:
        raise SettingsError("--percent and --provider change nothing by themselves: name the mode, canary or legacy")
    if mode not in snapshot.MODES:
        raise SettingsError(f"{mode} is no mode: choose {', '.join(snapshot.MODES)}")
    if (mode == "legacy") != (provider is not None):
        raise SettingsError("legacy mode needs --provider, and no other mode takes it")
    if percent is not None and mode != "canary":
        raise SettingsError(f"--percent {percent:g} says nothing about {mode}: only a canary acts for a share")
    share = (_CANARY_PERCENT if percent is None else percent) if mode == "canary" else 0
    named = None if provider is None else legacy_provider(provider, published)
    return snapshot.Mode(mode=mode, canary_percent=share, provider=named, since_us=now_us())


def explain(
    request: Annotated[str, typer.Argument(help="Trace id of a request, as in the lake's view requests.")],
    *,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Show why each attempt of a request went where it went. Exits with 1 when a decision cannot be recomputed."""
    from routing.explaining import explained, matches  # noqa: PLC0415 - heavy
    from scalix.cli.routing_text import decision_text  # noqa: PLC0415 - heavy
    from scalix.store import sqlfiles  # noqa: PLC0415 - heavy
    from scalix.store.lake_reader import read_lake  # noqa: PLC0415 - heavy

    rows = read_lake(chosen_folder(folder).lake_views, sqlfiles.text("routing/decisions_of"), {"trace": request})
    if not rows:
        raise SettingsError(f"no decision about {request} is in the lake: it holds the latest 5,000")
    found = [explained(row["decision"]) for row in rows]
    exact = [matches(row["decision"]) for row in rows]
    if json_output:
        shown = [
            {**row, "decision": json.loads(row["decision"]), "exact": same}
            for row, same in zip(rows, exact, strict=True)
        ]
        typer.echo(json.dumps(shown, default=str))
    else:
        typer.echo("\n\n".join(decision_text(*all_of) for all_of in zip(rows, found, exact, strict=True)))
    raise typer.Exit(0 if all(exact) else 1)
