"""What the Data quality page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics import quality
from dashboard import amounts, formatting
from dashboard.formatting import UNKNOWN, cleaned

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from analytics.filters import Filters
    from analytics.quality import Summary

KINDS = {
    "unpriced": "Tokens without a price",
    "without_usage": "Answered, with neither usage nor cost",
    "estimated": "Tokens estimated, not reported",
    "broke_off": "Broke off before usage arrived: at most this",
    "book_not_litellm": "Price book less LiteLLM",
    "provider_not_book": "Provider less price book",
    "recorded_twice": "Answers recorded twice",
    "repeated": "Events refused: told already",
    "late": "Attempts changed by late events",
    "without_end": "Attempts without an end",
    "clock": "Clocks that contradict each other",
    "clock_ahead": "Hosts with a clock ahead of the hub's",
    "inconsistent": "Counts that do not add up",
    "incomplete": "Recorded from less than usual",
    "repriced": "Repriced after they were booked: by this",
    "set_aside": "Lines set aside",
    "dropped": "Events dropped by a collector",
}
"""The kinds of findings, as the page calls them."""
_PRICED_SINCE = "has a price by now: reprice"
_PRICE = 'scalix prices set PROVIDER MODEL input=0.10 output=0.40\nscalix reprice --reason "it had no price"\n'


@dataclass(frozen=True)
class Figures:
    """Everything the page shows."""

    summary: Summary
    unpriced: pl.DataFrame
    drift: pl.DataFrame
    set_aside: pl.DataFrame
    found: pl.DataFrame
    checked_at: datetime | None


def read(filters: Filters) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    return Figures(
        quality.summary(filters),
        quality.unpriced(filters),
        quality.drift(filters),
        quality.set_aside(filters),
        quality.found(filters),
        quality.checked_at(),
    )


def show(shown: Figures) -> None:
    """Tiles and tables."""
    _tiles(shown.summary)
    no_unpriced = "Every model that used tokens in this span has a price."
    no_drift = "Price book, LiteLLM and providers say the same wherever two of them say something."
    nothing_aside = "No line was set aside and no event was dropped in this span."
    _section("Models without a price", shown.unpriced, _unpriced, otherwise=no_unpriced)
    _section("Where costs disagree", shown.drift, _drift, otherwise=no_drift)
    _section("Not taken in", shown.set_aside, _set_aside, otherwise=nothing_aside)
    with st.container(border=True):
        st.subheader("Found, day by day")
        _found(shown)


def _section(title: str, frame: pl.DataFrame, draw: Callable[[pl.DataFrame], None], *, otherwise: str) -> None:
    with st.container(border=True):
        st.subheader(title)
        if frame.is_empty():
            st.caption(otherwise)
        else:
            draw(frame)


def _tiles(now: Summary) -> None:
    bounded = None if now.bounded_usd is None else f"at most {formatting.money(now.bounded_usd)}"
    repaired = now.inconsistent + now.incomplete
    tiles = [
        ("Priced", formatting.share(now.coverage), None, "Attempts of known cost among those that used tokens"),
        ("Unpriced", formatting.count(now.unpriced), None, "Used tokens at a cost that nobody knows"),
        (
            "Broke off",
            formatting.count(now.bounded),
            bounded,
            "Ended before their usage arrived: cost has bounds only",
        ),
        ("Estimated", formatting.count(now.estimated), None, "Token counts that nobody reported"),
        ("Repriced", formatting.count(now.adjusted), None, "Adjusted after they were booked"),
        ("Without an end", formatting.count(now.without_end), None, "Their last event never came"),
        ("Clocks differ", formatting.count(now.clock), None, "Latency unknown, since two clocks contradict each other"),
        (
            "Repaired",
            formatting.count(repaired),
            None,
            "Counts that do not add up, or details missing",
        ),
    ]
    with st.grid(4, min_column_width=150):
        for label, value, note, explanation in tiles:
            st.metric(label, value, delta_description=note, help=explanation, border=True, height="stretch")


def _found(shown: Figures) -> None:
    if shown.checked_at is None:
        st.caption("The hub looks every five minutes at the days that changed; it has not yet.")
        return
    st.caption(f"Whole UTC days, as of {shown.checked_at:%b %d, %H:%M} UTC. Kept in the view quality_findings.")
    if shown.found.is_empty():
        st.caption("Nothing was found on the days of this span.")
        return
    kinds = pl.col("kind").replace(KINDS)
    found = shown.found.select(kinds, "events", "by_day", "tokens", "amount_usd", cleaned("mostly"), "last_day")
    st.dataframe(
        amounts.rounded(found, "amount_usd"),
        hide_index=True,
        column_config={
            "kind": st.column_config.TextColumn("What"),
            "events": st.column_config.NumberColumn("How many", format="localized", width="small"),
            "by_day": st.column_config.BarChartColumn("By day", width="small", y_min=0),
            "tokens": st.column_config.NumberColumn("Tokens", format="compact", width="small"),
            "amount_usd": amounts.column("Amount", found["amount_usd"]),
            "mostly": st.column_config.TextColumn("Mostly"),
            "last_day": st.column_config.DateColumn("Last", format="MMM DD", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Findings by kind",
        key="found",
    )


def _unpriced(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select(
            cleaned("provider"),
            cleaned("model"),
            "attempts",
            "tokens",
            "last_used_at",
            pl.when(pl.col("nearest") == pl.col("model"))
            .then(pl.lit(_PRICED_SINCE))
            .otherwise(cleaned("nearest"))
            .alias("nearest"),
        ),
        hide_index=True,
        column_config={
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "model": st.column_config.TextColumn("Model"),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            "tokens": st.column_config.NumberColumn("Tokens", format="compact", width="small"),
            "last_used_at": st.column_config.DatetimeColumn("Last used (UTC)", format="MMM DD, HH:mm", width=110),
            "nearest": st.column_config.TextColumn("Most similar priced name", help="Whose prices may be meant"),
        },
        placeholder=UNKNOWN,
        alt="Models without a price",
        key="unpriced",
    )
    st.code(_PRICE, language="bash")


def _drift(frame: pl.DataFrame) -> None:
    sources = {"book_usd": "Price book", "litellm_usd": "LiteLLM", "provider_usd": "Provider says"}
    shown = frame.select(cleaned("provider"), cleaned("model"), "attempts", *sources)
    st.dataframe(
        amounts.rounded(shown, *sources, least=amounts.OF_ONE_CALL),
        hide_index=True,
        column_config={
            "provider": st.column_config.TextColumn("Provider", width="small"),
            "model": st.column_config.TextColumn("Model"),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
            **{
                name: amounts.column(label, shown[name], least=amounts.OF_ONE_CALL, width=None)
                for name, label in sources.items()
            },
        },
        placeholder=UNKNOWN,
        alt="Costs that disagree, by model",
        key="drift",
    )


def _set_aside(frame: pl.DataFrame) -> None:
    st.dataframe(
        frame.select(cleaned("reason"), "events", "last_at"),
        hide_index=True,
        column_config={
            "reason": st.column_config.TextColumn("Reason"),
            "events": st.column_config.NumberColumn("Events", format="localized", width="small"),
            "last_at": st.column_config.DatetimeColumn("Last (UTC)", format="MMM DD, HH:mm", width=110),
        },
        alt="Lines set aside and events dropped",
        key="set_aside",
    )
