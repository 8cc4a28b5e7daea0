"""What was spent: over time, in all, by whom, on which tokens, and why that changed. All SQL is in ``sql/spend``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.pricing.meters import TOKEN_CLASSES
from analytics.spend.asking import ask
from analytics.spend.list_prices import at_list, book_of, class_prices, uncached
from analytics.spend.split import Cell, Side, Split, split

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters
    from analytics.pricing.book import Book
    from analytics.reading import Readable

NOTHING = Decimal(0)
_KNOWN = (pl.col("spent_usd") > 0) | (pl.col("with_tokens") > pl.col("unpriced")) | (pl.col("unpriced") == 0)
"""Where no attempt that used tokens has a known cost, the sum of what is known is no spending of zero."""
OTHERWISE = "not by token"
"""What was charged otherwise than by token, or at prices that the book does not have."""


@dataclass(frozen=True)
class Spent:
    """One period in money. Amounts are None when no attempt has one."""

    spent_usd: Decimal | None = None
    with_tokens: int = 0
    unpriced: int = 0
    attempts: int = 0
    calls: int = 0
    """Successful attempts."""
    priced_calls: int = 0
    wasted_usd: Decimal | None = None
    """Known cost of attempts that were no success."""
    unknown_high_usd: Decimal | None = None
    """The most that calls which broke off can have cost beyond what is known."""
    answer_cache_saved_usd: Decimal | None = None
    """What answers out of LiteLLM's cache would have cost."""
    estimated: int = 0
    """Attempts whose tokens were counted by us or LiteLLM rather than reported."""
    priced_tokens: int | None = None

    @property
    def coverage(self) -> float | None:
        """Attempts of known cost among those that used tokens; None when none did."""
        return 1 - self.unpriced / self.with_tokens if self.with_tokens else None

    @property
    def per_call_usd(self) -> Decimal | None:
        """All known cost, failures included, for each priced success."""
        return None if self.spent_usd is None or not self.priced_calls else self.spent_usd / self.priced_calls

    @property
    def per_1k_tokens_usd(self) -> Decimal | None:
        """Known cost for a thousand tokens of attempts of known cost."""
        return None if self.spent_usd is None or not self.priced_tokens else self.spent_usd * 1000 / self.priced_tokens


@dataclass(frozen=True)
class Detail:
    """What the cells of two periods tell."""

    why: Split
    unknown: frozenset[str | None]
    """Values of which no cost is known in either period; in ``why`` they are as if they had cost nothing."""
    spenders: pl.DataFrame
    """Columns: value (None: all others and unnamed), spent_usd, share, attempts, calls, per_call_usd, tokens,
    wasted_usd, with_tokens, unpriced; of the later period, dearest first."""
    classes: pl.DataFrame
    """Columns: token_class, tokens, spent_usd. The amounts add up to the known cost of the later period."""
    cache_saved_usd: Decimal
    """Cached tokens at list price as plain input, less as what they were; negative where writes cost more than that."""


def totals(filters: Filters, ledger: Readable | None = None) -> tuple[Spent, Spent]:
    """The figures of the period, and of the equal period before it."""
    rows = {row.pop("is_current"): row for row in ask("totals", filters, ledger=ledger).to_dicts()}
    return Spent(**rows.get(True, {})), Spent(**rows.get(False, {}))


def over_time(filters: Filters, dimension: str, ledger: Readable | None = None) -> pl.DataFrame:
    """One row per stretch of ``filters.bucket`` and value: at, value, spent_usd, with_tokens, unpriced, attempts."""
    return ask("over_time", filters, dimension, ledger).select(
        pl.from_epoch("bucket_us", time_unit="us").dt.replace_time_zone("UTC").alias("at"),
        pl.col("dimension_value").alias("value"),
        pl.exclude("bucket_us", "dimension_value"),
    )


def detail(filters: Filters, dimension: str, ledger: Readable | None = None) -> Detail:
    """Why spending changed against the equal period before, who spent, and on which classes of token."""
    frame = ask("cells", filters, dimension, ledger)
    book = book_of(ledger)
    now = [row for row in frame.to_dicts() if row["is_current"]]
    classes, saved = _classes(now, book, filters.end)
    return Detail(_why(frame, book, filters.end), _unknown(frame), _spenders(frame), classes, saved)


def between(later: Filters, earlier: Filters, dimension: str, ledger: Readable | None = None) -> Split:
    """Why spending differs between any two periods, such as an hour and the same hour a week before."""
    frames = [
        ask("cells", filters, dimension, ledger)
        .filter("is_current")
        .with_columns(pl.lit(is_current).alias("is_current"))
        for filters, is_current in ((later, True), (earlier, False))
    ]
    return _why(pl.concat(frames, how="vertical_relaxed"), book_of(ledger), later.end)


def _why(frame: pl.DataFrame, book: Book, at: datetime) -> Split:
    sides: dict[tuple[Any, ...], dict[bool, Side]] = {}
    for row in frame.iter_rows(named=True):
        key = row["named_value"], row["named_provider"], row["named_model"]
        sides.setdefault(key, {})[row["is_current"]] = _side(row, book, at)
    return split(Cell(key[0], two.get(False, Side()), two.get(True, Side())) for key, two in sides.items())


def _side(row: dict[str, Any], book: Book, at: datetime) -> Side:
    prices = class_prices(book, row["named_provider"], row["named_model"], at)
    tokens = {name: row[name] for name in TOKEN_CLASSES}
    listed = at_list(tokens, prices)
    paid = Side(row["calls"], row["useful_usd"], row["wasted_usd"])
    if listed is None:
        every = Decimal(sum(tokens.values()))
        return Side(paid.calls, paid.useful_usd, paid.wasted_usd, every, every)
    return Side(paid.calls, paid.useful_usd, paid.wasted_usd, sum(listed.values(), NOTHING), uncached(tokens, prices))


def _classes(rows: list[dict[str, Any]], book: Book, at: datetime) -> tuple[pl.DataFrame, Decimal]:
    """Each cell's known cost goes to its classes in the proportion of list prices; rounding goes to the last."""
    spent: dict[str, Decimal] = dict.fromkeys((*TOKEN_CLASSES, OTHERWISE), NOTHING)
    counts = dict.fromkeys(spent, 0)
    saved = NOTHING
    for row in rows:
        tokens = {name: row[name] for name in TOKEN_CLASSES}
        prices = class_prices(book, row["named_provider"], row["named_model"], at)
        listed = at_list(tokens, prices)
        for name, amount in _shared(row["useful_usd"] + row["wasted_usd"], listed).items():
            spent[name] += amount
        for name, count in tokens.items():
            counts[name] += count
        if listed is not None:
            saved += uncached(tokens, prices) - sum(listed.values(), NOTHING)
    kept = [name for name in spent if spent[name] or counts[name]]
    data = {
        "token_class": kept,
        "tokens": [counts[name] for name in kept],
        "spent_usd": [spent[name] for name in kept],
    }
    schema = pl.Schema([("token_class", pl.String()), ("tokens", pl.Int64()), ("spent_usd", pl.Decimal(38, 12))])
    return pl.DataFrame(data, schema=schema), saved


def _shared(amount: Decimal, listed: dict[str, Decimal] | None) -> dict[str, Decimal]:
    whole = sum(listed.values(), NOTHING) if listed else NOTHING
    if not listed or not whole:
        return {OTHERWISE: amount}
    shares = {name: (amount * part / whole).quantize(Decimal("1e-12")) for name, part in listed.items()}
    last = max(shares, key=lambda name: shares[name])
    shares[last] += amount - sum(shares.values(), NOTHING)
    return shares


def _unknown(frame: pl.DataFrame) -> frozenset[str | None]:
    by_value = frame.group_by("named_value").agg(
        (pl.col("useful_usd").sum() + pl.col("wasted_usd").sum()).alias("spent_usd"),
        pl.col("with_tokens", "unpriced").sum(),
    )
    return frozenset(by_value.filter(~_KNOWN)["named_value"])


def _spenders(frame: pl.DataFrame) -> pl.DataFrame:
    spent = pl.col("spent_usd").cast(pl.Float64)
    return (
        frame.filter("is_current")
        .group_by(pl.col("named_value").alias("value"))
        .agg(
            (pl.col("useful_usd").sum() + pl.col("wasted_usd").sum()).alias("spent_usd"),
            pl.col("attempts", "calls", "with_tokens", "unpriced").sum(),
            pl.col("wasted_usd").sum(),
            pl.sum_horizontal(pl.col(TOKEN_CLASSES).sum()).alias("tokens"),
        )
        .with_columns(pl.when(_KNOWN).then(pl.col("spent_usd", "wasted_usd")))
        .with_columns(
            pl.when(pl.col("calls") > 0).then(spent / pl.col("calls")).alias("per_call_usd"),
            pl.when(pl.col("tokens") > 0).then(spent * 1000 / pl.col("tokens")).alias("per_1k_tokens_usd"),
            pl.when(spent.sum() > 0).then(spent / spent.sum()).alias("share"),
        )
        .sort("spent_usd", "value", descending=[True, False], nulls_last=True)
    )
