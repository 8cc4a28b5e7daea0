"""Every rollup, declared: what it is computed from, by which keys, and what of each group is added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.meters import TOKEN_CLASSES
from analytics.rollups.bins import bin_of
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE_US = 60 * MICROSECONDS
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
GRAINS = {"minute": MINUTE_US, "hour": HOUR_US, "day": DAY_US}
_MONEY = pl.Decimal(38, 12)


@dataclass(frozen=True)
class Source:
    """What a rollup adds up. Both are queries: which buckets the next attempts change, and the rows of some buckets.

    A row holds ``started_us``, the moment that places it in a bucket, and what the rollup's expressions name.
    """

    touched: str
    rows: str


ATTEMPTS = Source("rollups/touched", "rollups/attempts")
REQUESTS_ENDED = Source("rollups/touched_chains", "rollups/requests")
"""Requests by the start of their last attempt: a new attempt may change those of its trace within an hour."""
MOVES_MADE = Source("rollups/touched_chains", "rollups/moves")


@dataclass(frozen=True)
class Rollup:
    """One rollup. Its finest grain is computed from its source, each coarser one from the one before.

    ``counts`` and ``amounts`` are what is summed: of amounts only what is known, NULL when nothing is. ``histograms``
    gives for each column the value of a row, in whole numbers; ``lists`` the text that is counted by value.
    """

    name: str
    source: Source
    grains: tuple[str, ...]
    keys: tuple[str, ...]
    counts: Mapping[str, pl.Expr]
    amounts: Mapping[str, pl.Expr]
    histograms: Mapping[str, pl.Expr]
    lists: Mapping[str, pl.Expr]

    def table(self, grain: str) -> str:
        """The ledger's table of one grain."""
        return f"{self.name}_{grain}"


_UPSTREAM = pl.col("upstream").fill_null(value=True)
_SUCCESS = _UPSTREAM & (pl.col("status") == "success")
_FAILED = _UPSTREAM & (pl.col("status") == "failure")
_TOKENS = [f"{name}_tokens" for name in TOKEN_CLASSES]
_WITH_TOKENS = pl.any_horizontal(pl.col(_TOKENS).is_not_null())
_PRICED = pl.col("cost_usd").is_not_null()
_WITH_USAGE = _WITH_TOKENS | pl.col("has_units")
_UNPRICED = _WITH_USAGE & ~_PRICED
_PRICED_CALL = _PRICED & (pl.col("status") == "success")
_OUTPUT = pl.sum_horizontal(f"{name}_tokens" for name in TOKEN_CLASSES if name.endswith(("output", "reasoning")))
_WASTED = pl.when(pl.col("status") != "success").then("cost_usd")
_STREAMED = pl.col("ttft_us").is_not_null() & _UPSTREAM
_LATENCY = pl.when(_SUCCESS).then("latency_us")
_TTFT = pl.when(_UPSTREAM).then("ttft_us")
_AFTER_FIRST = pl.col("latency_us") - pl.col("ttft_us")

RELIABILITY = Rollup(
    name="reliability",
    source=ATTEMPTS,
    grains=("minute", "hour", "day"),
    keys=("provider", "model", "model_group", "deployment_id"),
    counts={
        "attempts": _UPSTREAM,
        "succeeded": _SUCCESS,
        "failed": _FAILED,
        "provider_errors": pl.col("provider_error"),
        "given_up": _UPSTREAM & pl.col("status").is_in(["cancelled", "abandoned"]),
        "rejected": ~_UPSTREAM & (pl.col("status") == "failure"),
        "latency_us": _LATENCY,
        "latency_count": _LATENCY.is_not_null(),
        "ttft_us": _TTFT,
        "ttft_count": _TTFT.is_not_null(),
        "priced": _PRICED,
        "unpriced": _UNPRICED,
    },
    amounts={"cost_usd": pl.col("cost_usd"), "wasted_usd": _WASTED},
    histograms={
        "latency_histogram": _LATENCY,
        "ttft_histogram": _TTFT,
        "output_token_histogram": pl.when(_STREAMED & (_OUTPUT > 1) & (_AFTER_FIRST >= 0)).then(
            _AFTER_FIRST // (_OUTPUT - 1)
        ),
        "speed_histogram": pl.when(_SUCCESS & (_OUTPUT > 0) & (pl.col("latency_us") > 0)).then(
            _OUTPUT * 1_000 * MICROSECONDS // pl.col("latency_us")
        ),
    },
    lists={"errors": pl.when(_FAILED).then(pl.col("error_kind").fill_null("unknown"))},
)
SPEND = Rollup(
    name="spend",
    source=ATTEMPTS,
    grains=("hour", "day"),
    keys=(
        "provider", "model", "model_group", "deployment_id", "team", "user_id", "end_user", "key_name", "tags",
        "application",
    ),
    counts={
        "attempts": _UPSTREAM,
        "calls": pl.col("status") == "success",
        "priced_calls": _PRICED_CALL,
        "with_tokens": _WITH_USAGE,
        "unpriced": _UNPRICED,
        "estimated": _WITH_TOKENS & (pl.col("tokens_source") == "estimated"),
    },
    amounts={
        "cost_usd": pl.col("cost_usd"),
        "wasted_usd": _WASTED,
        "high_usd": pl.when(~_PRICED).then("high_cost_usd"),
        "cache_saved_usd": pl.col("book_saved_usd"),
        "tokens": pl.when(_WITH_TOKENS).then(pl.sum_horizontal(_TOKENS)),
        "priced_tokens": pl.when(_PRICED & _WITH_TOKENS).then(pl.sum_horizontal(_TOKENS)),
        **{name: pl.when(_PRICED_CALL).then(name) for name in _TOKENS},
    },
    histograms={},
    lists={},
)  # fmt: skip
REQUESTS = Rollup(
    name="requests",
    source=REQUESTS_ENDED,
    grains=("minute", "hour", "day"),
    keys=("model_group", "team"),
    counts={
        **{name: pl.col("outcome") == name for name in ("answered", "failed", "own_fault", "refused", "given_up")},
        "recovered": pl.col("recovered"),
        "attempts": pl.col("attempts"),
        "ended_attempts": pl.col("ended_attempts"),
        "provider_errors": pl.col("provider_errors"),
        "failover_us": pl.col("failover_us"),
        "latency_us": pl.col("latency_us"),
        "latency_count": pl.col("latency_us").is_not_null(),
        "ttft_us": pl.col("ttft_us"),
        "ttft_count": pl.col("ttft_us").is_not_null(),
    },
    amounts={"cost_usd": pl.col("cost_usd"), "wasted_usd": pl.col("wasted_usd")},
    histograms={"latency_histogram": pl.col("latency_us"), "ttft_histogram": pl.col("ttft_us")},
    lists={},
)
_PRICED_SERVED = pl.col("served_usd").is_not_null()
MOVES = Rollup(
    name="moves",
    source=MOVES_MADE,
    grains=("minute", "hour", "day"),
    keys=("moved_from", "moved_to", "provider", "model", "model_group", "to_model_group"),
    counts={
        "moves": pl.col("moved_to").is_not_null(),
        "served": pl.col("served"),
        "failed_attempts": pl.col("failed_attempts"),
        "added_us": pl.col("added_us"),
        "unpriced": pl.col("served") & ~_PRICED_SERVED,
    },
    amounts={
        "wasted_usd": pl.col("wasted_usd"),
        "served_usd": pl.col("served_usd"),
        **{name: pl.when(_PRICED_SERVED).then(name) for name in _TOKENS},
    },
    histograms={},
    lists={"reasons": pl.col("reason")},
)
ROLLUPS = (RELIABILITY, SPEND, REQUESTS, MOVES)


def binned(rollup: Rollup) -> list[tuple[str, str, pl.Expr]]:
    """Every column that holds counts by item: its name, what the item is called, and a row's item."""
    bins = [(name, "bin", bin_of(value)) for name, value in rollup.histograms.items()]
    return bins + [(name, "kind", value) for name, value in rollup.lists.items()]
