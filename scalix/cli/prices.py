"""`scalix price`, `prices` and `reprice`: ask the price book, add to it, compare it with what was recorded."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from scalix.cli.moments import moment_of
from scalix.cli.options import FolderOption, JsonOption, MomentOption, chosen_folder
from scalix.errors import SettingsError
from scalix.times import now, to_us

prices = typer.Typer(name="prices", help="The price book: list, set, compare.", no_args_is_help=True)

ProviderArgument = Annotated[str, typer.Argument(help="Provider, as LiteLLM names it.")]
ModelArgument = Annotated[str, typer.Argument(help="Model; patterns with * are possible where prices are set.")]


def price(
    provider: ProviderArgument,
    model: ModelArgument,
    *,
    usage: Annotated[str, typer.Option(help="A provider's usage object, or quantities by meter, as JSON.")],
    at: MomentOption = None,
    known_at: MomentOption = None,
    tier: Annotated[str | None, typer.Option(help="standard, batch, flex, priority.")] = None,
    region: Annotated[str | None, typer.Option(help="Where the call was served.")] = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Price one usage and show the arithmetic. Exits with 1 when it is unpriced."""
    from analytics.pricing.ask import ask  # noqa: PLC0415 - heavy
    from analytics.pricing.published import published_book  # noqa: PLC0415 - heavy
    from scalix.cli.price_text import arithmetic  # noqa: PLC0415 - heavy

    book = published_book(chosen_folder(folder))
    answer = ask(book, provider, model, usage, moment_of(at) or now(), moment_of(known_at) or now(), tier, region)
    typer.echo(json.dumps(answer.as_dict()) if json_output else arithmetic(answer))
    raise typer.Exit(0 if answer.cost_usd is not None else 1)


@prices.command("list")
def list_(
    provider: ProviderArgument,
    model: ModelArgument,
    *,
    at: MomentOption = None,
    known_at: MomentOption = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """The prices of a model that hold at a moment, as known at a moment."""
    from analytics.pricing.listing import listed  # noqa: PLC0415 - heavy
    from analytics.pricing.published import published_book  # noqa: PLC0415 - heavy
    from scalix.cli.price_text import fact_as_dict, fact_line  # noqa: PLC0415 - heavy

    book = published_book(chosen_folder(folder))
    facts = listed(book, provider, model, moment_of(at) or now(), moment_of(known_at) or now())
    typer.echo(
        json.dumps(list(map(fact_as_dict, facts))) if json_output else "\n".join(map(fact_line, facts)) or "no prices"
    )


@prices.command("set")
def set_(
    provider: Annotated[str | None, typer.Argument(help="Provider, as LiteLLM names it.")] = None,
    model: Annotated[
        str | None, typer.Argument(help="Model, or a pattern with *; * alone for all of a provider.")
    ] = None,
    amounts: Annotated[
        list[str] | None,
        typer.Argument(help="METER=AMOUNT in USD per million, factor=0.9, or METER=none to withdraw an own price."),
    ] = None,
    *,
    valid_from: Annotated[str | None, typer.Option("--from", help="Since when it holds; otherwise always.")] = None,
    valid_to: Annotated[
        str | None, typer.Option("--to", help="Until when it holds; otherwise until further notice.")
    ] = None,
    above_tokens: Annotated[int, typer.Option(help="Holds for prompts longer than this.")] = 0,
    tier: Annotated[str | None, typer.Option(help="Service tier; otherwise standard, for a factor any.")] = None,
    region: Annotated[str, typer.Option(help="Where the call was served; * is anywhere.")] = "*",
    reason: Annotated[str | None, typer.Option(help="Who says so, and why.")] = None,
    file: Annotated[Path | None, typer.Option(help="TOML file of [[price]] tables, instead of arguments.")] = None,
    folder: FolderOption = None,
) -> None:
    """Set own prices. They win over LiteLLM's; nothing is overwritten. The hub takes them in within a second."""
    from analytics.facts import put_on_spool  # noqa: PLC0415 - heavy
    from analytics.toml_tables import tables_of  # noqa: PLC0415 - heavy
    from scalix.cli.price_tables import events_of, pair  # noqa: PLC0415 - heavy

    given = {
        "provider": provider,
        "model": model,
        "amounts": dict(map(pair, amounts or ())),
        "from": valid_from,
        "to": valid_to,
        "above_tokens": above_tokens,
        "tier": tier,
        "region": region,
        "reason": reason,
    }
    events = [event for table in (tables_of(file, "price") if file else [given]) for event in events_of(table)]
    spool = chosen_folder(folder).spool
    put_on_spool(spool, events)
    typer.echo(f"{len(events)} price facts are on the spool {spool}")


@prices.command()
def diff(json_output: JsonOption = False, folder: FolderOption = None) -> None:
    """What the installed LiteLLM's map says differently from the book; the hub takes it over within the hour."""
    from analytics.pricing.listing import differences  # noqa: PLC0415 - heavy
    from analytics.pricing.litellm_map import installed_map  # noqa: PLC0415 - heavy
    from analytics.pricing.published import published_book  # noqa: PLC0415 - heavy
    from scalix.cli.price_text import difference_line  # noqa: PLC0415 - heavy

    installed = installed_map()
    if installed is None:
        raise SettingsError("LiteLLM is not installed here, so there is no map to compare with")
    found = differences(published_book(chosen_folder(folder)), installed, now())
    rows = [one.as_dict() for one in found]
    text = "\n".join([*map(difference_line, found), f"{len(found)} differences to {installed.source}"])
    typer.echo(json.dumps(rows) if json_output else text)


def reprice(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show; nothing is booked.")] = False,
    as_of: Annotated[str | None, typer.Option(help="As the prices were known at this moment; otherwise now.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back.")] = 30,
    reason: Annotated[str | None, typer.Option(help="Why, to be kept with the adjustments.")] = None,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Price recorded attempts by the book and show by model what changes; book it as adjustments unless --dry-run."""
    from analytics.facts import put_on_spool  # noqa: PLC0415 - heavy
    from analytics.pricing.published import published_book  # noqa: PLC0415 - heavy
    from analytics.pricing.repricing import reprice as repriced  # noqa: PLC0415 - heavy
    from scalix.cli.price_text import change_line  # noqa: PLC0415 - heavy
    from scalix.events import RepriceEvent  # noqa: PLC0415 - heavy

    if not dry_run and not reason:
        raise SettingsError("booking a repricing needs --reason; --dry-run shows what would change")
    place, until = chosen_folder(folder), now()
    since, known_at = until - timedelta(days=days), moment_of(as_of) or until
    changes = repriced(place, published_book(place), since, until, known_at)
    if reason and not dry_run:
        asked = RepriceEvent(
            at_us=to_us(until),
            since_us=to_us(since),
            until_us=to_us(until),
            known_at_us=to_us(known_at),
            reason=reason,
        )
        put_on_spool(place.spool, [asked])
    rows = [one.as_dict() for one in changes]
    typer.echo(json.dumps(rows) if json_output else "\n".join(map(change_line, changes)) or "no attempts")
