"""`scalix key`: keys of the gateway, made, listed, changed, rotated, blocked and removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, control_of
from scalix.times import from_us, now_us

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.access.keys import Key
    from analytics.access.limits import Limits

key = typer.Typer(
    name="key", help="Keys of the gateway: create, list, rotate, block, unblock, remove.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(help="The key's alias or id, from `scalix key list`.")]


@key.command()
def create(
    *,
    alias: Annotated[str | None, typer.Option(help="What people call the key.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose calls these are.")] = None,
    team: Annotated[str | None, typer.Option(help="Whose team's.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Tag that its calls carry; repeatable.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model it may call; repeatable; otherwise all.")] = None,
    budget: Annotated[str | None, typer.Option(help="Dollars it may spend.")] = None,
    window: Annotated[str | None, typer.Option(help="How long the budget lasts: day, week, month, 30d.")] = None,
    degrade_at: Annotated[int | None, typer.Option(help="Percent of the budget from which it goes cheaper.")] = None,
    rpm: Annotated[int | None, typer.Option(help="Requests a minute.")] = None,
    tpm: Annotated[int | None, typer.Option(help="Tokens a minute.")] = None,
    parallel: Annotated[int | None, typer.Option(help="Calls at once.")] = None,
    expires: Annotated[str | None, typer.Option(help="After how long it expires, such as 90d.")] = None,
    folder: FolderOption = None,
) -> None:
    """Make a key and show it, this once."""
    from analytics.access import issuing, limits  # noqa: PLC0415 - heavy
    from analytics.access.pepper import pepper_of  # noqa: PLC0415 - heavy
    from analytics.budgets.typed import dollars  # noqa: PLC0415 - heavy

    given = limits.Limits(
        budget_pusd=None if budget is None else limits.pusd(dollars(budget)),
        window=window,
        degrade_percent=degrade_at,
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        parallel=parallel,
        models=tuple(model or ()),
    )
    with control_of(folder) as (place, control):
        made, _ = issuing.mint(
            control,
            pepper_of(place),
            by=_person(),
            alias=alias,
            user_id=user,
            team_id=team,
            tags=tag or (),
            limits=given,
            expires_us=limits.expiry(expires, now_us()),
        )
    typer.echo(made)


@key.command("list")
def list_(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """All keys without what is secret of them, and what they have spent."""
    from analytics.access import keys  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        found = keys.listed(control)
    if json_output:
        typer.echo(json.dumps([_as_dict(one) for one in found], default=str))
        return
    typer.echo("\n".join(map(_line, found)) or "no keys; `scalix key create` makes one")


@key.command()
def rotate(
    name: NameArgument,
    *,
    overlap: Annotated[str | None, typer.Option(help="How long the old one still works, such as 2d.")] = None,
    folder: FolderOption = None,
) -> None:
    """Give a key a new secret and show it, this once. Budget, spending and history stay with it."""
    from analytics.access import issuing, limits  # noqa: PLC0415 - heavy
    from analytics.access.pepper import pepper_of  # noqa: PLC0415 - heavy

    overlap_s = 0 if overlap is None else limits.seconds(overlap)
    with control_of(folder) as (place, control):
        made, _ = issuing.rotate(control, pepper_of(place), name, by=_person(), overlap_s=overlap_s)
    typer.echo(made)


@key.command()
def block(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Turn a key off; the next call with it is refused."""
    _block(name, folder, blocked=True)


@key.command()
def unblock(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Turn a key on again."""
    _block(name, folder, blocked=False)


@key.command()
def remove(name: NameArgument, *, folder: FolderOption = None) -> None:
    """Take a key away for good."""
    from analytics.access import issuing  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        removed = issuing.remove(control, name, by=_person())
    typer.echo(f"key {removed.name} is gone")


def _block(name: str, folder: Path | None, *, blocked: bool) -> None:
    from analytics.access import issuing  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        changed = issuing.block(control, name, by=_person(), blocked=blocked)
    typer.echo(f"key {changed.name} is {'blocked' if blocked else 'on'}")


def _person() -> str:
    from analytics.facts import who  # noqa: PLC0415 - heavy

    return who() or "somebody"


def _as_dict(one: Key) -> dict[str, object]:
    account = one.account
    return {
        "id": one.id,
        "alias": account.alias,
        "user_id": one.user_id,
        "team_id": one.team_id,
        "tags": one.tags,
        "blocked": account.blocked,
        "spent_usd": f"{account.spent_usd:f}",
        "reserved_usd": f"{account.reserved_usd:f}",
        "expires": None if one.expires_us is None else from_us(one.expires_us).isoformat(),
        "resets": None if account.window_end_us is None else from_us(account.window_end_us).isoformat(),
        **_limits(account.limits),
    }


def _limits(limits: Limits) -> dict[str, object]:
    budget = limits.budget_usd
    return {
        "budget_usd": None if budget is None else f"{budget:f}",
        "window": limits.window,
        "degrade_percent": limits.degrade_percent,
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
        "parallel": limits.parallel,
        "models": limits.models,
    }


def _line(one: Key) -> str:
    account = one.account
    whose = ", ".join(filter(None, (account.alias, one.user_id, one.team_id))) or "nobody's"
    budget = account.limits.budget_usd
    limit = "" if budget is None else f" of {budget:f}"
    resets = "" if account.window_end_us is None else f", anew on {from_us(account.window_end_us):%F}"
    state = " (blocked)" if account.blocked else ""
    until = "" if one.expires_us is None else f", expires {from_us(one.expires_us):%F}"
    return f"{one.id}{state}: {whose}; spent {account.spent_usd:f}{limit} USD{resets}{until}"
