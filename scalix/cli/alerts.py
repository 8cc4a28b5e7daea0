"""`scalix alert`: where alerts go, what fires, what was delivered, and sending it again."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from scalix.cli.options import FolderOption, JsonOption, control_of
from scalix.errors import SettingsError
from scalix.times import from_us

alert = typer.Typer(
    name="alert", help="Alerts: channels, rules, what fires, silences, deliveries.", no_args_is_help=True
)

ChannelArgument = Annotated[str, typer.Argument(help="Name of the channel.")]


@alert.command()
def add(
    name: ChannelArgument,
    url: Annotated[str, typer.Argument(help="URL of the receiver; any of apprise's, such as mailto://…, too.")] = "",
    *,
    kind: Annotated[
        str | None,
        typer.Option(help="webhook, litellm, slack, teams, discord, pagerduty or apprise; otherwise the URL tells."),
    ] = None,
    secret: Annotated[
        str | None, typer.Option(help="Signing secret, whsec_…, otherwise one is made; PagerDuty's routing key.")
    ] = None,
    folder: FolderOption = None,
) -> None:
    """Add a channel. The secret that signs a webhook is shown this once."""
    from analytics.alerts import channels  # noqa: PLC0415 - heavy

    if kind is not None and kind not in channels.KINDS:
        raise SettingsError(f"a channel of kind {kind} is unknown; choose {', '.join(channels.KINDS)}")
    chosen: channels.Kind | None = next((one for one in channels.KINDS if one == kind), None)
    with control_of(folder) as (_, control):
        kept = channels.add(control, name, url, kind=chosen, secret=secret)
        added = next(one for one in channels.all_channels(control) if one.name == name)
    shown = kept if added.kind in channels.SIGNED and not secret else None
    typer.echo(
        f"channel {name} is added ({added.kind})" + (f"; its signing secret, shown this once: {shown}" if shown else "")
    )


@alert.command()
def remove(name: ChannelArgument, *, folder: FolderOption = None) -> None:
    """Remove a channel and what waits for it."""
    from analytics.alerts import channels  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        channels.remove(control, name)
    typer.echo(f"channel {name} is removed")


@alert.command()
def enable(name: ChannelArgument, *, folder: FolderOption = None) -> None:
    """Deliver again to a channel that its receiver called off."""
    from analytics.alerts import channels  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        channels.enable(control, name)
    typer.echo(f"channel {name} is enabled")


@alert.command("test")
def send_test(name: ChannelArgument, *, folder: FolderOption = None) -> None:
    """Send a test message now. Exits with 1 when it is not taken."""
    from analytics.alerts import channels  # noqa: PLC0415 - heavy
    from scalix.settings import load  # noqa: PLC0415 - heavy

    with control_of(folder) as (place, control):
        answer = channels.test(control, name, allow_private=load(place).allow_private_webhooks)
    outcome = f"answered {answer.status}" if answer.delivered else answer.error
    typer.echo(f"channel {name}: {outcome}, after {answer.duration_us / 1000:.0f} ms")
    raise typer.Exit(0 if answer.delivered else 1)


@alert.command("list")
def list_(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """Channels, and every alert with its state."""
    from analytics.alerts import channels, log  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        known, states = channels.all_channels(control), log.states(control)
    if json_output:
        typer.echo(json.dumps({"channels": [vars(one) for one in known], "alerts": states}))
        return
    lines = [
        f"channel {one.name}: {one.kind} at {one.host}"
        + (f", off: {one.disabled_because}" if one.disabled_because else "")
        for one in known
    ]
    typer.echo("\n".join(lines) or "no channels; `scalix alert add NAME URL` adds one")
    typer.echo("\n".join(map(_state_line, states)) or "no alerts")


@alert.command("log")
def show_log(
    message: Annotated[str | None, typer.Argument(help="Id of a message, to see every try to deliver it.")] = None,
    *,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """The latest messages and what became of them."""
    from analytics.alerts import log  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        if message:
            log.refuse_unknown(control, message)
        rows = log.tries(control, message) if message else log.messages(control)
    if json_output:
        typer.echo(json.dumps(rows))
    elif message:
        typer.echo("\n".join(map(_try_line, rows)) or f"message {message} was not tried yet")
    else:
        typer.echo("\n".join(map(_message_line, rows)) or "no messages")


@alert.command()
def replay(
    message: Annotated[str, typer.Argument(help="Id of a message, from `scalix alert log`.")],
    *,
    folder: FolderOption = None,
) -> None:
    """Deliver a message again."""
    from analytics.alerts import log  # noqa: PLC0415 - heavy

    with control_of(folder) as (_, control):
        count = log.replay(control, message)
    typer.echo(f"{message} is due again for {count} channels")


def _state_line(row: dict[str, Any]) -> str:
    since = from_us(row["since_us"])
    return f"{row['state']}: {row['rule']} {row['subject']} at {row['threshold']}, since {since:%F %T} UTC"


def _try_line(row: dict[str, Any]) -> str:
    outcome = row["error"] or f"answered {row['status']}"
    took = row["duration_us"] / 1000
    return f"{from_us(row['at_us']):%F %T} to {row['channel']}, {outcome}, after {took:.0f} ms"


def _message_line(row: dict[str, Any]) -> str:
    error = f", {row['error']}" if row["error"] else ""
    line = f"{from_us(row['created_us']):%F %T} {row['message_id']} to {row['channel']}: {row['state']}"
    return f"{line} after {row['tries']} tries{error}"
