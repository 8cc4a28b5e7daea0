"""What the cost page shows, section by section; each takes figures and draws them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics import history
from analytics.spend import spending
from analytics.spend.asking import readable
from analytics.spend.spending import Spent
from dashboard import amounts, charts, comparing, exports, formatting, spend_charts
from dashboard.formatting import UNKNOWN, cleaned, relative
from dashboard.tiles import Tile

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters
    from analytics.spend.spending import Detail

_OTHERS = "other or unnamed"


@dataclass(frozen=True)
class Figures:
    """Everything the page shows of one period and one dimension."""

    now: Spent
    before: Spent
    series: pl.DataFrame
    detail: Detail
    began_too_late: datetime | None
    """Since when spending is on record, where that is not long enough to compare with the period before."""


def read(filters: Filters, dimension: str) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    now, before = spending.totals(filters)
    return Figures(
        now,
        before,
        spending.over_time(filters, dimension),
        spending.detail(filters, dimension),
        history.began_too_late(filters, history.spending_since()),
    )


def tiles(figures: Figures) -> list[Tile]:
    """The figures at the top; beside each amount stands how much of the spending it is based on."""
    now, known = figures.now, coverage(figures.now)
    before = Spent() if figures.began_too_late else figures.before
    saved = figures.detail.cache_saved_usd
    return [
        Tile(
            "Spent", formatting.money(_sum(now)), relative(_sum(now), _sum(before), "off"), known,
            "Known cost of all attempts: reported by the provider, else by the price book, else by LiteLLM.",
        ),
        Tile(
            "Cost per call", formatting.money(now.per_call_usd),
            relative(now.per_call_usd, before.per_call_usd, "inverse"), known,
            "All known cost, failed attempts included, for each successful attempt of known cost.",
        ),
        Tile(
            "Per 1k tokens", formatting.money(now.per_1k_tokens_usd),
            relative(now.per_1k_tokens_usd, before.per_1k_tokens_usd, "inverse"), known,
            "Known cost for a thousand tokens of all classes, of attempts of known cost.",
        ),
        Tile(
            "Wasted", formatting.money(now.wasted_usd or Decimal(0)),
            relative(now.wasted_usd, before.wasted_usd, "inverse"), _up_to(now) or known,
            "Known cost of attempts that failed or were given up. Calls that broke off before their usage arrived can "
            "have cost up to the amount beside it.",
        ),
        Tile(
            "Saved by prompt caches", formatting.money(saved), formatting.Change(None), known,
            "Tokens read from and written to providers' caches at list price as plain input, less at list price as "
            "what they were. Negative when writing cost more than reading saved.",
        ),
        Tile(
            "Saved by answer cache", formatting.money(now.answer_cache_saved_usd or Decimal(0)),
            relative(now.answer_cache_saved_usd, before.answer_cache_saved_usd, "off"), known,
            "What answers out of LiteLLM's cache would have cost by the price book.",
        ),
    ]  # fmt: skip


def coverage(spent: Spent) -> str | None:
    """How much of the spending is known."""
    return formatting.priced(spent.coverage)


def show(figures: Figures, filters: Filters, dimension: str) -> None:
    """Tiles, charts and tables."""
    comparing.show_began_too_late(figures.began_too_late)
    with st.grid(6, min_column_width=170):
        for tile in tiles(figures):
            st.metric(
                tile.label, tile.value, tile.change.text, delta_color=tile.change.direction,
                delta_arrow="off" if tile.change is formatting.UNCHANGED else "auto",
                delta_description=tile.note, help=tile.explanation, border=True, height="stretch",
            )  # fmt: skip
    known = coverage(figures.now)
    with st.container(border=True):
        _heading(f"Spending by {dimension}", known)
        _over_time(figures.series, filters, dimension)
    with st.container(border=True):
        _heading("Why did it change", known)
        if figures.began_too_late:
            comparing.show_began_too_late(figures.began_too_late)
        else:
            _why(figures.detail, filters, dimension)
    with st.grid(2, min_column_width=420):
        with st.container(border=True):
            _heading("Top spenders", known)
            _spenders(figures.detail.spenders, dimension)
            exports.show("top_spenders", figures.detail.spenders, readable("cells", filters, dimension))
        with st.container(border=True):
            _heading("Spending by token class", known)
            st.altair_chart(spend_charts.by_class(figures.detail.classes), alt="Cost by token class", key="by_class")
            exports.show("token_classes", figures.detail.classes, readable("cells", filters, dimension))


def _heading(title: str, known: str | None) -> None:
    st.subheader(title)
    if known:
        st.caption(f"Known cost, {known}")


def _over_time(series: pl.DataFrame, filters: Filters, dimension: str) -> None:
    frame = series.rename({"value": "provider"}).with_columns(
        pl.lit(0).alias("ended"), pl.lit(0).alias("provider_errors"), pl.lit(None, pl.Float64).alias("error_rate")
    )
    names = formatting.clean_all(frame["provider"].drop_nulls().unique()).to_list()
    chart = charts.cost_over_time(frame, filters, charts.colours(names), dimension.capitalize())
    if chart is None:
        st.caption("No attempt in this span has a known cost.")
    else:
        st.altair_chart(chart, alt=f"Cost over time by {dimension}", key="spend_over_time")
    exports.show("spend_over_time", series, readable("over_time", filters, dimension))


def _why(detail: Detail, filters: Filters, dimension: str) -> None:
    why, frame = detail.why, causes(detail)
    st.text(
        f"{formatting.money(why.before_usd)} in the period before, {formatting.money(why.after_usd)} now: "
        f"{_signed(why.difference_usd)}"
    )
    with st.grid(2, min_column_width=420):
        st.altair_chart(spend_charts.by_cause(why), alt="Change of cost by cause", key="by_cause")
        money = {
            name: st.column_config.NumberColumn(
                name.removesuffix("_usd").capitalize(), format="%+.4f", width="small", help=label
            )
            for name, label in {"difference_usd": "All of the change, in dollars", **spend_charts.CAUSES}.items()
        }
        st.dataframe(
            _named(frame).with_columns(pl.col(name).cast(pl.Float64) for name in money),
            hide_index=True,
            column_config={"value": st.column_config.TextColumn(dimension.capitalize()), **money},
            placeholder=UNKNOWN,
            alt="Change of cost by cause",
            key="why",
        )
    exports.show("why", frame, readable("cells", filters, dimension))


def causes(detail: Detail) -> pl.DataFrame:
    """One row per value, the largest change first: the change and its parts, null where no cost is known."""
    exact = pl.Decimal(38, 12)
    return pl.DataFrame(
        [
            {"value": change.value}
            | ({} if change.value in detail.unknown else {"difference_usd": change.difference_usd, **change.parts})
            for change in detail.why.changes
        ],
        schema={"value": pl.String, "difference_usd": exact, **dict.fromkeys(spend_charts.CAUSES, exact)},
    )


def _spenders(frame: pl.DataFrame, dimension: str) -> None:
    priced = pl.when(pl.col("with_tokens") > 0).then(1 - pl.col("unpriced") / pl.col("with_tokens")).alias("priced")
    shown = _named(frame).with_columns(priced)
    money = ("spent_usd", "per_call_usd", "per_1k_tokens_usd", "wasted_usd")
    st.dataframe(
        amounts.rounded(shown, *money).select(
            "value", "spent_usd", "share", "priced", "per_call_usd", "per_1k_tokens_usd", "wasted_usd", "attempts"
        ),
        hide_index=True,
        column_config={
            "value": st.column_config.TextColumn(dimension.capitalize()),
            "spent_usd": amounts.column("Spent", shown["spent_usd"]),
            "share": st.column_config.NumberColumn("Share", format="percent", width="small"),
            "priced": st.column_config.NumberColumn("Priced", format="percent", width="small"),
            "per_call_usd": amounts.column("Per call", shown["per_call_usd"]),
            "per_1k_tokens_usd": amounts.column(
                "Per 1k", shown["per_1k_tokens_usd"], explained="Known cost for a thousand tokens of all classes"
            ),
            "wasted_usd": amounts.column("Wasted", shown["wasted_usd"]),
            "attempts": st.column_config.NumberColumn("Attempts", format="localized", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Who spent the most",
        key="spenders",
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(cleaned("value").fill_null(_OTHERS))


def _sum(spent: Spent) -> Decimal | None:
    return Decimal(0) if spent.spent_usd is None and not spent.with_tokens else spent.spent_usd


def _up_to(spent: Spent) -> str | None:
    return f"up to {formatting.money(spent.unknown_high_usd)} more" if spent.unknown_high_usd else None


def _signed(amount: Decimal) -> str:
    return f"+{formatting.money(amount)}" if amount > 0 else formatting.money(amount)
