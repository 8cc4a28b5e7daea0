"""FOCUS charges of one day: what each meter used at which price, and what was booked beyond that.

Every attempt with a cost is split by the price book into what it used of each meter, at that meter's list price, so
quantity times unit price is the cost exactly, to 24 digits. Where the cost that was booked differs, because the
provider said another or a repricing changed it, the difference is a charge of its own, an adjustment: nothing is
netted, and the billed costs of a day add up to the costs in the lake to the last digit. An attempt that the book cannot
split is priced in dollars, one dollar a dollar. An attempt whose cost nobody knows has no charge; it is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.bulk import book_rates
from analytics.pricing.meters import TOKEN_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from analytics.pricing.book import Book

GROUP = ("provider", "model", "team_id", "team", "key_name", "tags")
"""What charges are told apart by, beside meter and price."""
_EXACT_DIGITS = 60
_UNITS = {"second": "Seconds", "character": "Characters", "output_image": "Images", "output_pixel": "Pixels"}
_UNIT = Decimal(1).scaleb(-24)
"""What the book's rates count in, in dollars."""


@dataclass(frozen=True)
class Charge:
    """One charge of one day. Costs are dollars; ``meter`` is None for an adjustment."""

    provider: str
    model: str
    team_id: str | None
    team: str | None
    key_name: str | None
    tags: tuple[str, ...]
    meter: str | None
    unit: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    cost: Decimal
    consumed: Decimal | None
    consumed_unit: str | None
    attempts: int


SPEND = "spend"
"""The meter of attempts that are priced in dollars."""


def charges(attempts: pl.DataFrame, book: Book, known_at: datetime) -> tuple[list[Charge], int]:
    """The charges of a day's attempts, and how many attempts have no known cost and therefore none.

    ``attempts`` is the answer of ``sql/exports/focus_attempts``.
    """
    known = attempts.filter(pl.col("cost_usd").is_not_null())
    if known.is_empty():
        return [], attempts.height
    placed = _named(known).with_row_index("place")
    lines = _lines(placed, book, known_at)
    split = lines.select("place").unique()
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        found = [
            *_metered(placed.join(lines, on="place")),
            *_in_dollars(placed.join(split, on="place", how="anti")),
        ]
        found += _adjustments(placed.join(split, on="place", how="semi"), found)
    return found, attempts.height - known.height


def _named(attempts: pl.DataFrame) -> pl.DataFrame:
    return attempts.with_columns(
        pl.col("provider", "model").fill_null("unknown"),
        tags=pl.col("tags").list.sort().list.join("\0"),
    )


def _lines(placed: pl.DataFrame, book: Book, known_at: datetime) -> pl.DataFrame:
    """What was used of each meter, of those attempts alone that the book can price to the last meter."""
    if book.frame.is_empty():
        return pl.DataFrame(schema={"place": pl.UInt32, "meter": pl.String, "quantity": pl.Int64, "rate": pl.Int128})
    used = book_rates(placed.drop("place"), book, known_at).filter(~(pl.col("rate").is_null().any()).over("place"))
    return used.with_columns(pl.col("place").cast(pl.UInt32))


def _metered(lines: pl.DataFrame) -> Iterator[Charge]:
    grouped = lines.group_by(*GROUP, "meter", "rate").agg(pl.col("quantity").cast(pl.Int128).sum(), pl.len())
    for *group, meter, rate, quantity, attempts in grouped.sort(*GROUP, "meter", "rate").iter_rows():
        amount, price = Decimal(quantity), Decimal(rate) * _UNIT
        unit = "Tokens" if meter in TOKEN_CLASSES else _UNITS.get(meter, "Requests")
        yield Charge(*_group(group), meter, unit, amount, price, amount * price, amount, unit, attempts)


def _in_dollars(rows: pl.DataFrame) -> Iterator[Charge]:
    grouped = rows.group_by(GROUP).agg(
        pl.col("cost_usd").sum(), pl.col("total_tokens").fill_null(0).sum().cast(pl.Int64), pl.len()
    )
    for *group, cost, tokens, attempts in grouped.sort(GROUP).iter_rows():
        consumed = (Decimal(tokens), "Tokens") if tokens else (Decimal(attempts), "Requests")
        yield Charge(*_group(group), SPEND, "USD", cost, Decimal(1), cost, *consumed, attempts)


def _adjustments(rows: pl.DataFrame, metered: list[Charge]) -> list[Charge]:
    """What was booked of each group, less what its meters come to."""
    at_list: dict[tuple[object, ...], Decimal] = {}
    for charge in metered:
        if charge.meter != SPEND:
            key = _key(charge)
            at_list[key] = at_list.get(key, Decimal(0)) + charge.cost
    found = []
    grouped = rows.group_by(GROUP).agg(pl.col("cost_usd").sum(), pl.len())
    for *group, booked, attempts in grouped.sort(GROUP).iter_rows():
        of_group = _group(group)
        difference = booked - at_list[of_group]
        if difference:
            found.append(Charge(*of_group, None, None, None, None, difference, None, None, attempts))
    return found


def _group(values: list[str | None]) -> tuple[str, str, str | None, str | None, str | None, tuple[str, ...]]:
    provider, model, team_id, team, key, tags = values
    return provider or "", model or "", team_id, team, key, tuple(tags.split("\0")) if tags else ()


def _key(charge: Charge) -> tuple[object, ...]:
    return charge.provider, charge.model, charge.team_id, charge.team, charge.key_name, charge.tags
