"""Folds the events of each attempt into its one row, whatever their order.

Per column the first known value wins, asked in the order success, failure, streamed, answered, failed, opened; among
events of one kind, the earliest. Everything is done for all attempts at once, kind by kind.
"""

from __future__ import annotations

import polars as pl

from analytics.intake.decode import EVENT_SCHEMA
from scalix.events import BEST_EFFORT, IMPORTED

KEY = ("call_id", "started_us")
PRECEDENCE = ("success", "failure", "streamed", "answered", "failed", "opened")
META_SCHEMA = pl.Schema({"process_id": pl.String, "read_us": pl.Int64, "written": pl.Boolean})
"""What the hub adds to an event: whose segment, when it was read, and whether its attempt has a row already."""

FOLDED_SCHEMA = pl.Schema({**META_SCHEMA, **EVENT_SCHEMA})
"""The columns of ``attempt_events``, and of the frames that `fold` takes."""

_LARGEST_PUSD = 999_999 * 10**12
_LARGEST_SMALL = 32_767
_GIVEN_UP = ("cancelled", "client_disconnect")
_STREAMING = pl.col("streaming").fill_null(value=False)
_MERGED = [name for name in EVENT_SCHEMA if name not in {*KEY, "kind", "at_us", "mono_us"}]


def fold(events: pl.DataFrame) -> pl.DataFrame:
    """One row per attempt, ordered by start, out of a frame of ``FOLDED_SCHEMA``.

    Beside the merged columns of the events: ``status`` (NULL while the attempt is open), ``silent_status`` (what it
    becomes when nothing more is heard), ``latency_us``, ``ttft_us``, ``final`` (LiteLLM's last event is in),
    ``settled`` (every event that such an attempt has is in, so none needs to be kept), ``written``.
    """
    merged = _merge(events)
    return merged.with_columns(*_statuses(), *_durations(), *_states()).with_columns(*_repairs())


def _merge(events: pl.DataFrame) -> pl.DataFrame:
    attempts, numbers = _number(events)
    numbered = events.with_columns(numbers)
    written = numbered.filter("written").get_column("n").unique()
    attempts = attempts.with_columns(pl.col("n").is_in(written.implode()).alias("written"))
    by_kind = numbered.drop("written").partition_by("kind", as_dict=True)
    for kind in PRECEDENCE:
        layer = by_kind.get((kind,), numbered.clear())
        attempts = _underlay(attempts, _one_per_attempt(layer), kind)
    unknown = (pl.lit(None, EVENT_SCHEMA[name]).alias(name) for name in _MERGED if name not in attempts.columns)
    return attempts.drop("n").with_columns(pl.col(PRECEDENCE).fill_null(value=False), *unknown)


def _number(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The attempts in the order of their start, numbered, and for each event the number of its attempt."""
    ordered = events.select(KEY).with_row_index("place").sort("started_us", "call_id")
    first = pl.any_horizontal(pl.col(KEY) != pl.col(KEY).shift()).fill_null(value=True)
    counted = ordered.with_columns(first=first).with_columns(n=pl.col("first").cum_sum())
    attempts = counted.filter("first").select("n", *KEY)
    return attempts, counted.select("place", "n").sort("place").get_column("n")


def _one_per_attempt(events: pl.DataFrame) -> pl.DataFrame:
    """Several events of one kind become one: per column the first known value, the earliest event asked first."""
    repeated = events["n"].is_duplicated()
    if not repeated.any():
        return events
    lists = [name for name, dtype in events.schema.items() if isinstance(dtype, pl.List)]
    order = [
        "at_us",
        *(name for name in EVENT_SCHEMA if name not in {"at_us", *lists}),
        *(f"{name}:text" for name in lists),
    ]
    ordered = (
        events.filter(repeated)
        .with_columns(pl.col(name).list.join("\0").alias(f"{name}:text") for name in lists)
        .sort("n", *order)
        .drop(f"{name}:text" for name in lists)
    )
    first = ordered.group_by("n", maintain_order=True).agg(pl.all().drop_nulls().first())
    return pl.concat([events.filter(~repeated), first.select(events.columns)])


def _underlay(merged: pl.DataFrame, layer: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Fill what is still unknown from one kind of event, and note that kind's own clock readings."""
    known = [name for name in (*_MERGED, "process_id") if layer[name].null_count() < layer.height]
    own = {
        f"{kind}": pl.lit(value=True),
        f"{kind}:mono": pl.col("mono_us"),
        f"{kind}:process": pl.col("process_id"),
        f"{kind}:error": pl.col("error_kind"),
    }
    right = layer.select("n", *(pl.col(name).alias(f"new:{name}") for name in known), **own)
    joined = merged.join(right, on="n", how="left", maintain_order="left")
    present = set(merged.columns)
    return joined.with_columns(
        (pl.coalesce(name, f"new:{name}") if name in present else pl.col(f"new:{name}")).alias(name) for name in known
    ).drop(f"new:{name}" for name in known)


def _statuses() -> list[pl.Expr]:
    given_up = pl.col("error_kind").is_in(_GIVEN_UP).fill_null(value=False)
    success_given_up = pl.col("success:error").is_in(_GIVEN_UP).fill_null(value=False)
    silent = pl.when(_STREAMING).then(pl.lit("abandoned")).otherwise(pl.lit("cancelled"))
    heard = (
        pl.when("success")
        .then(pl.when(success_given_up).then(pl.lit("cancelled")).otherwise(pl.lit("success")))
        .when(pl.col("failure") | pl.col("failed"))
        .then(pl.when(given_up).then(pl.lit("cancelled")).otherwise(pl.lit("failure")))
        .when(pl.col("streamed") | (pl.col("answered") & ~_STREAMING))
        .then(pl.lit("success"))
        .otherwise(pl.lit(None, pl.String))
    )
    return [heard.alias("status"), pl.coalesce(heard, silent).alias("silent_status")]


def _durations() -> list[pl.Expr]:
    """By the monotonic clock where both ends were seen in one process, else by the wall clock."""
    ticked = pl.coalesce(_ticked("streamed"), _ticked("answered", ~_STREAMING), _ticked("failed"))
    by_wall = pl.col("ended_us") - pl.col("started_us")
    to_first = pl.col("first_token_us") - pl.col("started_us")
    return [
        pl.coalesce(ticked, _not_negative(by_wall)).alias("latency_us"),
        pl.when(_STREAMING).then(_not_negative(to_first)).alias("ttft_us"),
        (ticked.is_null() & (by_wall < 0)).fill_null(value=False).alias("clock"),
    ]


def _ticked(kind: str, condition: pl.Expr | None = None) -> pl.Expr:
    same = pl.col("opened:process") == pl.col(f"{kind}:process")
    usable = same if condition is None else same & condition
    return pl.when(usable).then(_not_negative(pl.col(f"{kind}:mono") - pl.col("opened:mono")))


def _not_negative(duration: pl.Expr) -> pl.Expr:
    return pl.when(duration >= 0).then(duration)


def _states() -> list[pl.Expr]:
    final = pl.col("success") | pl.col("failure")
    told_whole = pl.any_horizontal(pl.col("flags").list.contains(flag) for flag in (IMPORTED, BEST_EFFORT))
    never_sent = pl.col("upstream").eq_missing(pl.lit(value=False))
    seen_through = pl.col("opened") & (pl.col("answered") | pl.col("streamed") | pl.col("failed"))
    return [
        final.alias("final"),
        (final & (never_sent | seen_through | told_whole.fill_null(value=False))).alias("settled"),
    ]


def _repairs() -> list[pl.Expr]:
    """What would not fit its column becomes unknown; what says nothing new is left out."""
    money = pl.col("litellm_cost_pusd", "provider_cost_pusd", "saved_pusd")
    small = pl.col("retry", "fallback_depth")
    bound_says_something = pl.col("tokens_source").is_null() | (pl.col("tokens_source") == "estimated")
    overflow = pl.any_horizontal(money.is_between(-_LARGEST_PUSD, _LARGEST_PUSD).not_()).fill_null(value=False)
    flags = pl.concat_list(
        pl.col("flags").fill_null([]),
        pl.when("clock").then(pl.lit(["clock"])).otherwise(pl.lit([], pl.List(pl.String))),
        pl.when(overflow).then(pl.lit(["cost_out_of_range"])).otherwise(pl.lit([], pl.List(pl.String))),
    )
    return [
        pl.when(money.is_between(-_LARGEST_PUSD, _LARGEST_PUSD)).then(money),
        pl.when(small.is_between(0, _LARGEST_SMALL)).then(small),
        pl.when(bound_says_something).then(pl.col("input_tokens_high", "output_tokens_high")),
        pl.when(pl.col("trace_id") != pl.col("call_id")).then("trace_id"),
        pl.when(flags.list.len() > 0).then(flags).alias("flags"),
    ]
