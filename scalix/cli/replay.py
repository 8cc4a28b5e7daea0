"""`scalix replay` and `scalix savings`: recorded traffic under other circumstances, and what routing has saved."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite, nan
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from scalix.cli.options import FolderOption, JsonOption, lake_of
from scalix.errors import SettingsError
from scalix.times import now

if TYPE_CHECKING:
    from routing.replay.running import Replayed
    from routing.replay.scenarios import Scenario

HoursOption = Annotated[float, typer.Option(min=0.01, help="How far back to look.")]
GroupOption = Annotated[str | None, typer.Option(help="Only this model group.")]


def replay(
    *,
    policy: Annotated[list[str] | None, typer.Option(help="A field of the policy, such as usd_per_s=0.001.")] = None,
    price: Annotated[
        list[str] | None, typer.Option(help="A deployment and what its price is multiplied by: mini=0.5.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A deployment that cannot be reached.")] = None,
    degrade: Annotated[bool, typer.Option(help="As if a budget ran low: the cheapest, however slow.")] = False,
    hours: HoursOption = 24.0,
    group: GroupOption = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Show what recorded requests would have cost, taken and come to. Exits with 1 when the record is too small to say.

    Compared are requests that routing acted on, out of the latest 5,000 decisions that the lake holds.
    """
    from routing.replay.running import replay as run  # noqa: PLC0415 - heavy
    from routing.replay.scenarios import Scenario  # noqa: PLC0415 - heavy
    from scalix.cli.replay_text import replay_text  # noqa: PLC0415 - heavy

    scenario = Scenario(
        policy=dict(map(_number, policy or ())),
        prices=dict(map(_number, price or ())),
        down=frozenset(without or ()),
        degrade=degrade,
    )
    at = now()
    found = run(scenario, at - timedelta(hours=hours), at, group, lake_of(folder))
    _refuse_unknown(scenario, found)
    typer.echo(_json(found) if json_output else replay_text(found))
    raise typer.Exit(1 if found.cost.refused else 0)


def savings(
    *,
    hours: HoursOption = 24.0,
    group: GroupOption = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Show what routing has saved against other ways of choosing; negative where it cost more."""
    from routing.replay.running import savings as run  # noqa: PLC0415 - heavy
    from scalix.cli.replay_text import savings_text  # noqa: PLC0415 - heavy

    at = now()
    found = run(at - timedelta(hours=hours), at, group, lake_of(folder))
    typer.echo(_json(found) if json_output else savings_text(found))


def _json(found: object) -> str:
    """What cannot be told, such as an interval of a single request, is null."""
    return msgspec.json.encode(found).decode()


def _refuse_unknown(scenario: Scenario, found: Replayed) -> None:
    unknown = scenario.deployments.difference(found.deployments)
    if unknown and found.deployments:
        told, known = ", ".join(sorted(unknown)), ", ".join(found.deployments)
        raise SettingsError(f"no request of this span could have gone to {told}: there are {known}")


def _number(told: str) -> tuple[str, float]:
    name, _, text = told.rpartition("=")
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not name or not isfinite(value):
        raise SettingsError(f"{told} is not NAME=NUMBER")
    return name, value
