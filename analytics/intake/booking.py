"""Books what attempts cost by the price book into their rows, in the transaction that writes the rows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.bulk import book_costs
from analytics.pricing.meters import INPUT_CLASSES, TOKEN_CLASSES
from scalix.times import from_us

if TYPE_CHECKING:
    from analytics.pricing.book import Book

BOOKED = ("book_agrees", "book_cost_pusd", "high_cost_pusd", "book_saved_pusd")
"""The columns that `booked` adds."""
UNBOOKED = [pl.lit(None, pl.Boolean if name == "book_agrees" else pl.Int64).alias(name) for name in BOOKED]
"""The same columns without a word."""
_DEAREST_INPUT = ("input", "cache_write_5m", "cache_write_1h")
"""Prompts whose usage never arrived may have been written into a cache, which costs more than plain input."""
_HIT = pl.col("cache_hit").fill_null(value=False)
_BILLED = pl.col("upstream").fill_null(value=True)
KNOWN = (pl.col("status") == "success").fill_null(value=False) | (pl.col("tokens_source") == "reported").fill_null(
    value=False
)
"""Whether the tokens of an attempt make a cost: an estimate of a call that broke off is none."""
BROKEN_OFF = ("timeout", "network", "cancelled", "client_disconnect")
"""Errors after which nobody can say how far the provider got. What it answers with an error it does not bill."""
_OPEN_ENDED = pl.any_horizontal(
    pl.col("status").is_in(["cancelled", "abandoned"]), pl.col("error_kind").is_in(BROKEN_OFF), pl.col("ttft_us") >= 0
).fill_null(value=False)
_log = logging.getLogger(__name__)
_warned: set[tuple[str | None, str | None]] = set()


def booked(rows: pl.DataFrame, book: Book, *, now_us: int) -> pl.DataFrame:
    """The rows with what the book says of them, amounts in picodollars.

    ``rows`` has the columns of an attempt event, and ``status``. Only where the book differs from LiteLLM is its cost
    written; ``book_agrees`` says of all others that it does not. An attempt that broke off without usage gets an upper
    bound and no cost; an answer out of LiteLLM's cache costs nothing and says what it saved.
    """
    if rows.is_empty() or book.frame.is_empty():
        return rows.with_columns(UNBOOKED)
    costs = book_costs(rows.with_columns(cache_hit=pl.lit(value=False)), book, from_us(now_us))
    asked = rows.with_columns(
        costs,
        high_cost_pusd=_high_costs(rows, book, now_us=now_us),
        book_saved_pusd=pl.when(_HIT).then(costs),
    ).with_columns(book_cost_pusd=pl.when(_HIT).then(0).when(KNOWN).then("book_cost_pusd"))
    _warn_of_unpriced(asked, book)
    agrees = pl.col("book_cost_pusd").eq_missing(pl.col("litellm_cost_pusd"))
    return asked.with_columns(book_agrees=agrees, book_cost_pusd=pl.when(~agrees).then("book_cost_pusd"))


def _high_costs(rows: pl.DataFrame, book: Book, *, now_us: int) -> pl.Series:
    """The most that attempts without usage can have cost; NULL for all others and where no bound is known."""
    bounded = pl.col("input_tokens_high").is_not_null() & pl.col("output_tokens_high").is_not_null()
    numbered = rows.with_row_index("place")
    open_ended = numbered.filter(_OPEN_ENDED & ~KNOWN & ~_HIT & _BILLED & bounded)
    if open_ended.is_empty():
        return pl.Series("high_cost_pusd", [None] * rows.height, pl.Int64)
    priced = [book_costs(_at_most(open_ended, name), book, from_us(now_us)).alias(name) for name in _DEAREST_INPUT]
    highest = open_ended.select("place", pl.max_horizontal(priced).alias("high_cost_pusd"))
    return numbered.select("place").join(highest, on="place", how="left", maintain_order="left")["high_cost_pusd"]


def _at_most(rows: pl.DataFrame, input_class: str) -> pl.DataFrame:
    """The attempts as if they had used all the tokens they can have used, the prompt in one class."""
    others = [f"{name}_tokens" for name in TOKEN_CLASSES if name not in {input_class, "output"}]
    return rows.with_columns(
        *(pl.lit(None, pl.Int64).alias(name) for name in others),
        pl.col("input_tokens_high").alias(f"{input_class}_tokens"),
        pl.col("output_tokens_high").alias("output_tokens"),
        cache_hit=pl.lit(value=False),
    )


def _warn_of_unpriced(rows: pl.DataFrame, book: Book) -> None:
    """Say once of each model that used tokens and that nobody has a price for."""
    measures = (*(f"{name}_tokens" for name in (*INPUT_CLASSES, "output")), "units")
    used = pl.any_horizontal(pl.col(name).is_not_null() for name in measures)
    unpriced = pl.all_horizontal(pl.col("book_cost_pusd", "litellm_cost_pusd", "provider_cost_pusd").is_null())
    for provider, model in rows.filter(KNOWN & used & unpriced & _BILLED).select("provider", "model").unique().rows():
        if (provider, model) in _warned:
            continue
        _warned.add((provider, model))
        nearest = book.nearest(provider, model) if provider and model else None
        hint = f"; the most similar priced name is {nearest}" if nearest else ""
        _log.warning("%s %s has no price, so its cost is unknown: scalix prices set%s", provider, model, hint)


def forget_warnings() -> None:
    """Say again of each model what was said of it before, as a hub does that starts anew."""
    _warned.clear()
