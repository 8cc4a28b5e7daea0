"""Prices many attempts at once, to the same picodollar as `price` does one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing import signs, units
from analytics.pricing.facts import STANDARD
from analytics.pricing.hours import WEEK
from analytics.pricing.meters import INPUT_CLASSES, INSTEAD_OF_TOKENS, TOKEN_CLASSES
from analytics.pricing.price import MOST_UNITS, MOST_USD
from analytics.pricing.rates import GLOBAL
from scalix.events import PICODOLLARS
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.pricing.book import Book
    from analytics.pricing.cells import Cell

_NAMED = ("provider", "model", "served_model")
_COMBINATION = (*_NAMED, "tier", "region")
_METERS = (*TOKEN_CLASSES, "web_search", "searched_prompt", "request")
_PER_PUSD = 10**12
_MINUTE_US = 60 * MICROSECONDS
_MONDAY_MINUTE = 4 * 24 * 60
_WHOLE = pl.Int128
_SMALL_RATE = 10**10 * _PER_PUSD
_SMALL_QUANTITY = 10**7
_MEASURED = (*TOKEN_CLASSES, "web_search")
_SIGN = re.compile(r"[a-z_]{5,}|aiplatform")


def book_costs(attempts: pl.DataFrame, book: Book, known_at: datetime) -> pl.Series:
    """What each attempt costs by the book, in picodollars; NULL where it is not priced.

    ``attempts`` has the columns of an attempt event. Prices are those valid when an attempt started, as known at
    ``known_at``. An answer out of LiteLLM's cache costs nothing. A book without facts prices nothing.
    """
    if attempts.is_empty():
        return pl.Series("book_cost_pusd", [], pl.Int64)
    placed, joined = _placed(attempts, book, known_at)
    priced = joined.select("place", book_cost_pusd=_cost(joined))
    costs = (
        placed.select("cache_hit").with_row_index("place").join(priced, on="place", how="left", maintain_order="left")
    )
    free = pl.col("cache_hit").fill_null(value=False)
    return costs.select(book_cost_pusd=pl.when(free).then(0).otherwise("book_cost_pusd")).to_series()


def book_rates(attempts: pl.DataFrame, book: Book, known_at: datetime) -> pl.DataFrame:
    """What each attempt used of each meter, and the book's rate for it: ``place``, ``meter``, ``quantity``, ``rate``.

    ``place`` is the attempt's row, ``rate`` is in 10⁻²⁴ dollars for one unit, NULL where the book has none. Attempts
    of models that the book does not know have no rows. Their sum is `book_costs`, but for its rounding.
    """
    if attempts.is_empty():
        return pl.DataFrame(schema={"place": pl.UInt32, "meter": pl.String, "quantity": pl.Int64, "rate": _WHOLE})
    _, joined = _placed(attempts, book, known_at)
    joined = units.by_whole_second(joined)
    per_prompt = pl.col("web_search:rate").is_null() & pl.col("searched_prompt:rate").is_not_null()
    used = joined.with_columns(
        web_search=pl.when(~per_prompt).then("web_search"),
        searched_prompt=pl.when(per_prompt & (pl.col("web_search") > 0)).then(1).cast(pl.Int64),
        request=pl.when(pl.col("request:rate") > 0).then(1).cast(pl.Int64),
    )
    lines = [
        used.select("place", pl.lit(meter).alias("meter"), quantity=meter, rate=f"{meter}:rate").filter(
            pl.col("quantity") > 0
        )
        for meter in _meters(joined)
    ]
    return pl.concat(lines)


def _meters(seen: pl.DataFrame) -> tuple[str, ...]:
    """The meters that these attempts can have used."""
    return *_METERS, *(meter for meter in INSTEAD_OF_TOKENS if meter in seen.columns)


def _placed(attempts: pl.DataFrame, book: Book, known_at: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What was seen of each attempt, and the same beside the rates of the cell that it falls into."""
    seen = _seen(attempts)
    told_apart = [*_COMBINATION, *(name for name in units.IMAGE if name in seen.columns)]
    combinations = seen.select(told_apart).unique(maintain_order=True).with_row_index("combination")
    prices = _prices(combinations, book, known_at, _meters(seen))
    placed = seen.join(combinations, on=told_apart, how="left", nulls_equal=True, maintain_order="left")
    joined = placed.with_row_index("place").join(prices, on="combination").filter(_inside())
    return placed, units.charged_once(joined)


def _seen(attempts: pl.DataFrame) -> pl.DataFrame:
    tokens = [pl.col(f"{name}_tokens").alias(name) for name in TOKEN_CLASSES]
    usage, breakdown, address = attempts["usage"], attempts["cost_breakdown"], attempts["api_base"]
    stated = pl.coalesce(_found(signs.SERVICE_TIER, breakdown), _found(signs.SERVICE_TIER, usage))
    named = stated.replace(dict(signs.TIERS)).fill_null(STANDARD)
    place = pl.coalesce(
        _found(signs.INFERENCE_GEO, usage),
        _found(signs.OPENAI_REGION, address),
        _found(signs.VERTEX_REGION, address),
    )
    by_tokens = pl.any_horizontal(pl.col(f"{name}_tokens").fill_null(0) > 0 for name in TOKEN_CLASSES)
    return attempts.select(
        *_NAMED,
        "started_us",
        "cache_hit",
        *tokens,
        *units.quantities(attempts["units"], by_tokens),
        tier=pl.when(_found(signs.FAST, usage).is_not_null()).then(pl.lit("fast")).otherwise(named),
        region=place.replace(dict(signs.NOWHERE)).fill_null(GLOBAL),
        web_search=_found(signs.SEARCHES, usage).cast(pl.Int64),
        minute=(pl.col("started_us") // _MINUTE_US - _MONDAY_MINUTE) % WEEK,
    ).with_columns(prompt=pl.sum_horizontal(INPUT_CLASSES))


def _found(pattern: str, texts: pl.Series) -> pl.Expr:
    """What a pattern's group matches; the expression is run only where its sign occurs at all, which is rare."""
    sign = _SIGN.findall(pattern)[0]
    if not texts.str.contains(sign, literal=True).any():
        return pl.lit(None, pl.String)
    return pl.lit(texts).str.extract(pattern)


def _inside() -> pl.Expr:
    return pl.all_horizontal(
        (pl.col("prompt") > pl.col("prompt_from")) & (pl.col("prompt") <= pl.col("prompt_to")),
        pl.col("started_us").is_between("time_from", "time_to", closed="left"),
        pl.col("minute").is_between("minute_from", "minute_to", closed="left"),
    )


def _prices(combinations: pl.DataFrame, book: Book, known_at: datetime, meters: tuple[str, ...]) -> pl.DataFrame:
    """The cells of every combination that occurs; one without a single price, known by a factor alone, has none."""
    rows = []
    for number, provider, model, served, tier, region, *image in combinations.iter_rows():
        found = book.find(provider, *(units.names(model, *image) if image else ()), model, served)
        if found:
            cells = book.cells((*found, tier, region), known_at)
            rows += [(number, *_row(cell, meters)) for cell in cells if cell.rates]
    bounds = [f"{name}_{end}" for name in ("prompt", "time", "minute") for end in ("from", "to")]
    schema = {
        "combination": combinations.schema["combination"],
        **dict.fromkeys(bounds, pl.Int64()),
        **{f"{meter}:rate": _WHOLE() for meter in meters},
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(cell: Cell, meters: tuple[str, ...]) -> tuple[int | None, ...]:
    return *cell.prompt, *cell.time_us, *cell.minute, *(cell.rates.get(meter) for meter in meters)


def _cost(joined: pl.DataFrame) -> pl.Expr:
    """Rounded half-even once to picodollars. A used meter without a rate makes it NULL."""
    measured = [name for name in _meters(joined) if name in (*_MEASURED, *INSTEAD_OF_TOKENS)]
    used = [name for name in measured if joined[name].null_count() < joined.height]
    if not used:
        return pl.lit(None, pl.Int64)
    scale = _Scale.small() if _is_small(joined, used) else _Scale.whole()
    amounts = [_amount(scale, name) for name in used]
    amounts.append(scale.rate("request").fill_null(0))
    known = pl.any_horizontal(pl.col(used).is_not_null())
    unpriced = pl.any_horizontal(amount.is_null() for amount in amounts)
    possible = pl.all_horizontal(pl.col(used).fill_null(0) <= MOST_UNITS)
    rounded = scale.rounded(pl.sum_horizontal(amounts))
    fits = rounded < int(MOST_USD) * PICODOLLARS
    return pl.when(known & ~unpriced & possible & fits).then(rounded.cast(pl.Int64, strict=False))


def _amount(scale: _Scale, meter: str) -> pl.Expr:
    if meter == "web_search":
        return _searching(scale)
    amount = scale.amount(pl.col(meter), meter)
    return amount // units.PER_SECOND if meter == "second" else amount


def _searching(scale: _Scale) -> pl.Expr:
    per_prompt = scale.rate("web_search").is_null() & scale.rate("searched_prompt").is_not_null()
    once = (pl.col("web_search") > 0).cast(pl.Int64)
    each = scale.amount(pl.col("web_search"), "web_search")
    return pl.when(per_prompt).then(scale.amount(once, "searched_prompt")).otherwise(each)


def _is_small(joined: pl.DataFrame, used: list[str]) -> bool:
    """Whether 64 bits do: all rates whole picodollars, and no product near their end. So it nearly always is."""
    if "second" in used:
        return False
    rates = pl.col([f"{meter}:rate" for meter in _meters(joined)])
    small = ((rates % _PER_PUSD == 0) & (rates <= _SMALL_RATE)).fill_null(value=True).all()
    few = (pl.col(used) <= _SMALL_QUANTITY).fill_null(value=True).all()
    return bool(joined.select(pl.all_horizontal(small, few)).item())


@dataclass(frozen=True)
class _Scale:
    """The integers that amounts are counted in: 10⁻²⁴ dollars in 128 bits, or picodollars in 64."""

    dtype: type[pl.DataType]
    per_pusd: int

    @classmethod
    def whole(cls) -> _Scale:
        return cls(_WHOLE, _PER_PUSD)

    @classmethod
    def small(cls) -> _Scale:
        return cls(pl.Int64, 1)

    def rate(self, meter: str) -> pl.Expr:
        return (pl.col(f"{meter}:rate") // (_PER_PUSD // self.per_pusd)).cast(self.dtype)

    def amount(self, quantity: pl.Expr, meter: str) -> pl.Expr:
        """Nothing used costs nothing, whatever the rate; something used without a rate is NULL."""
        return pl.when(quantity.fill_null(0) > 0).then(quantity.cast(self.dtype) * self.rate(meter)).otherwise(0)

    def rounded(self, total: pl.Expr) -> pl.Expr:
        if self.per_pusd == 1:
            return total
        whole, rest = total // self.per_pusd, total % self.per_pusd
        up = (rest * 2 > self.per_pusd) | ((rest * 2 == self.per_pusd) & (whole % 2 == 1))
        return whole + up.cast(self.dtype)
