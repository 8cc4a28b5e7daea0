"""`scalix budget simulate`: had this budget existed, when would it have warned or blocked, and whose calls?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.budgets import ThresholdOption, WindowOption, ZoneOption, defined
from scalix.cli.moments import moment_of
from scalix.cli.options import FolderOption, JsonOption, ScopeOption, control_of, lake_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from analytics.budgets.definitions import Budget
    from analytics.budgets.simulation import Simulation

MOST_SHOWN = 10


def simulate(
    name: Annotated[str, typer.Argument(help="Name of a budget that exists, or of one to try.")],
    since: Annotated[str, typer.Option("--from", help="Since when, such as 2026-11-01.")],
    *,
    until: Annotated[str | None, typer.Option("--to", help="Until when; otherwise now.")] = None,
    amount: Annotated[str | None, typer.Option(help="Dollars to try; without it, the budget as it is.")] = None,
    window: WindowOption = "month",
    zone: ZoneOption = "UTC",
    scope: ScopeOption = None,
    at: ThresholdOption = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Play a budget over what the lake recorded."""
    from rich.progress import Progress  # noqa: PLC0415 - heavy

    from analytics.budgets.simulation import simulate as play  # noqa: PLC0415 - heavy
    from scalix.times import now  # noqa: PLC0415 - beside the heavy ones

    tried = (
        _kept(name, folder)
        if amount is None
        else defined(name, amount, window=window, zone=zone, scope=scope, at=at, tell=None)
    )
    span = _moment(since), _moment(until) if until else now()
    with Progress(transient=True, disable=json_output) as progress:
        task = progress.add_task("playing", total=1.0)
        found = play(
            tried,
            lake_of(folder),
            *span,
            progress=lambda share: progress.update(task, completed=share),
        )
    typer.echo(json.dumps(found.as_dict()) if json_output else _text(found))


def _kept(name: str, folder: Path | None) -> Budget:
    from analytics.budgets.shelf import budget_named  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        return budget_named(control, name)


def _moment(text: str) -> datetime:
    moment = moment_of(text)
    assert moment is not None  # noqa: S101 - only None gives none
    return moment


def _text(found: Simulation) -> str:
    lines = [f"{found.budget.name} from {found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC"]
    for one in found.verdicts:
        lead = "" if one.lead_s is None else f", in the middle {one.lead_s / 3600:.1f} h before it ran out"
        lines.append(
            f"{one.threshold.percent:>4} % {one.threshold.action}: reached in {one.reached} windows, "
            f"noise in {one.noise}{lead}"
        )
    for run in found.runs[:MOST_SHOWN]:
        told = ", ".join(f"{one.percent} % at {at:%m-%d %H:%M:%S}" for one, at in run.reached.items())
        lines.append(f"  window of {run.start:%Y-%m-%d %H:%M}: {told}")
    lines.append(f"blocked: {found.blocked_calls} calls that cost {found.blocked_usd:.6f} USD")
    for row in found.blocked.head(MOST_SHOWN).to_dicts():
        whose = " ".join(f"{name} {row[name]}" for name in ("team", "user", "key") if row[name]) or "nobody named"
        cost = "unknown cost" if row["spent_usd"] is None else f"{row['spent_usd']:.6f} USD"
        lines.append(f"  {whose}, {row['provider']}/{row['model']}: {row['calls']} calls, {cost}")
    return "\n".join(lines)
