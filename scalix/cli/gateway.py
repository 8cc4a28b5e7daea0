"""`scalix gateway` and `scalix key`: one address for clients that speak HTTP, and the keys for it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder
from scalix.errors import SettingsError
from scalix.times import from_us, now, to_us

key = typer.Typer(name="key", help="Keys of the gateway: create, list, block, unblock.", no_args_is_help=True)

PrefixArgument = Annotated[str, typer.Argument(help="The key's public name, from `scalix key list`.")]


def gateway(
    config: Annotated[Path, typer.Argument(help="LiteLLM Proxy's config.yaml; at least its model_list.")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve.")] = 1,
    folder: FolderOption = None,
) -> None:
    """Run LiteLLM Proxy with keys, budgets and recording, and no database server."""
    try:
        import yaml  # noqa: F401, PLC0415 - comes with LiteLLM Proxy
    except ImportError as error:
        raise SettingsError("the gateway is not installed: pip install 'scalix[gateway]'") from error
    from scalix.gateway.serving import serve  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    raise typer.Exit(serve(place, config, host=host, port=port, workers=workers, announce=typer.echo))


@key.command()
def create(
    *,
    alias: Annotated[str | None, typer.Option(help="What people call the key.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose calls these are.")] = None,
    team: Annotated[str | None, typer.Option(help="Whose team's.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model it may call; repeatable; otherwise all.")] = None,
    budget: Annotated[str | None, typer.Option(help="Dollars it may spend.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    folder: FolderOption = None,
) -> None:
    """Make a key and show it, this once."""
    from scalix.gateway import keys  # noqa: PLC0415 - heavy
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    try:
        dollars = None if budget is None else Decimal(budget)
    except InvalidOperation as error:
        raise SettingsError(f"{budget} is no amount; give dollars, such as 10 or 0.5") from error
    place = chosen_folder(folder)
    expires = None if days is None else to_us(now() + timedelta(days=days))
    with closing(ControlStore.in_folder(place)) as control:
        made = keys.mint(
            control,
            keys.pepper_of(place),
            alias=alias,
            user_id=user,
            team=team,
            models=tuple(model or ()),
            budget_usd=dollars,
            expires_us=expires,
        )
    typer.echo(made)


@key.command("list")
def list_(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """All keys without what is secret of them, and what they have spent."""
    from scalix.gateway import keys  # noqa: PLC0415 - heavy
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    with closing(ControlStore.in_folder(chosen_folder(folder))) as control:
        found = keys.all_keys(control)
    if json_output:
        typer.echo(json.dumps([vars(one) for one in found], default=str))
        return
    for one in found:
        whose = ", ".join(filter(None, (one.alias, one.user_id, one.team))) or "nobody's"
        limit = "" if one.budget_usd is None else f" of {one.budget_usd}"
        state = " (blocked)" if one.blocked else ""
        until = "" if one.expires_us is None else f", until {from_us(one.expires_us):%F}"
        typer.echo(f"{one.prefix}{state}: {whose}; spent {one.spent_usd}{limit} USD{until}")


@key.command()
def block(prefix: PrefixArgument, *, folder: FolderOption = None) -> None:
    """Turn a key off; the next call with it is refused."""
    _block(prefix, folder, blocked=True)


@key.command()
def unblock(prefix: PrefixArgument, *, folder: FolderOption = None) -> None:
    """Turn a key on again."""
    _block(prefix, folder, blocked=False)


def _block(prefix: str, folder: Path | None, *, blocked: bool) -> None:
    from scalix.gateway import keys  # noqa: PLC0415 - heavy
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy

    with closing(ControlStore.in_folder(chosen_folder(folder))) as control:
        keys.block(control, prefix, blocked=blocked)
    typer.echo(f"key {prefix} is {'blocked' if blocked else 'on'}")
