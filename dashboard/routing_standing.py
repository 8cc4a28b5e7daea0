"""The Routing page's sections on how things stand: the mode, live scores, shadow and canary, and savings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics import decisions
from dashboard import amounts, exports
from dashboard.formatting import UNKNOWN, clean
from routing.explaining import explained
from routing.replay.running import Saving, savings
from routing.scoring import success_rate
from scalix.errors import UnexplainedError

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters

MOST_REPLAYED = 2_000
"""Requests that savings are told of: enough for narrow intervals, and counted in a second or two."""
_MINUTE = timedelta(minutes=1)


def mode() -> None:
    """Whether routing acts, and why it set itself so."""
    now = decisions.mode()
    if now is None:
        return
    share = f" for {now.canary_percent:g} % of requests" if now.mode == "canary" else ""
    told = f"Routing is in mode {now.mode}{share}"
    if now.note:
        st.warning(clean(now.note), title=told, icon=":material/undo:")
    else:
        st.caption(told)


def standing(filters: Filters) -> None:
    """Every candidate of each group's last decision, as the policy saw it."""
    rows = [row for found in decisions.latest_of_groups(filters).iter_rows(named=True) for row in _candidates(found)]
    if not rows:
        return
    with st.container(border=True):
        st.subheader("Scores and breakers")
        st.caption("As of each group's last decision.")
        shown = pl.DataFrame(rows, schema_overrides={"latency": pl.Float64, "late": pl.Float64})
        st.dataframe(
            amounts.rounded(shown, "expected", least=amounts.OF_ONE_CALL),
            hide_index=True,
            column_config={
                "group": st.column_config.TextColumn("Model group", width="small"),
                "deployment": st.column_config.TextColumn("Deployment"),
                "expected": amounts.column("Expected cost", shown["expected"], least=amounts.OF_ONE_CALL, width=None),
                "chance": st.column_config.NumberColumn("Chance", format="percent", width="small"),
                "success": st.column_config.NumberColumn("Success", format="percent", width="small"),
                "latency": st.column_config.NumberColumn("Latency p95", format="%.2f s", width="small"),
                "late": st.column_config.NumberColumn("Late", format="percent", width="small"),
                "breaker": st.column_config.TextColumn("Breaker", width="small"),
            },
            placeholder=UNKNOWN,
            alt="Scores and breakers",
            key="standing",
        )


def _candidates(found: dict[str, str]) -> list[dict[str, object]]:
    try:
        decision = explained(found["decision"])
    except UnexplainedError:
        return []  # by an older release: its group has made no decision since
    return [
        {
            "group": clean(found["model_group"] or UNKNOWN),
            "deployment": clean(one.deployment_id),
            "expected": score,
            "chance": chance,
            "success": success_rate(one, decision.policy),
            "latency": one.latency_p95_s,
            "late": one.late_share,
            "breaker": one.breaker.replace("_", " "),
        }
        for one, score, chance in zip(decision.candidates, decision.scores, decision.probabilities, strict=True)
    ]


def arms(filters: Filters) -> None:
    """What routing acted on beside what it left alone."""
    found = decisions.arms(filters)
    if found.is_empty():
        return
    with st.container(border=True):
        st.subheader("Acted on and left alone")
        st.caption("Shadow and canary against the baseline: requests whose choice was only recorded.")
        st.dataframe(
            amounts.rounded(found, "cost_usd", "expected_usd", least=amounts.OF_ONE_CALL).with_columns(
                pl.when("acted").then(pl.lit("acted on")).otherwise(pl.lit("left alone")).alias("acted")
            ),
            hide_index=True,
            column_config={
                "mode": st.column_config.TextColumn("Mode", width="small"),
                "acted": st.column_config.TextColumn("Requests were"),
                "requests": st.column_config.NumberColumn("Requests", width="small"),
                "answered": st.column_config.NumberColumn("Answered", format="percent", width="small"),
                "cost_usd": amounts.column(
                    "Cost of a request", found["cost_usd"], least=amounts.OF_ONE_CALL, width=None
                ),
                "priced_share": st.column_config.NumberColumn(
                    "Priced", format="percent", width="small", help="Requests of known cost; the mean is over them"
                ),
                "expected_usd": amounts.column(
                    "Scalix expected",
                    found["expected_usd"],
                    explained="Of its own choice, waiting and failing first included",
                    least=amounts.OF_ONE_CALL,
                    width=None,
                ),
            },
            placeholder=UNKNOWN,
            alt="Acted on and left alone",
            key="arms",
        )
        exports.show("acted_on_and_left_alone", found, decisions.readable("arms", filters))


def saved(filters: Filters) -> None:
    """The savings ledger: against each way of choosing, with its interval, losses included."""
    group = filters.model_groups[0] if len(filters.model_groups) == 1 else None
    found = _savings(_minute(filters.start), _minute(filters.end) + _MINUTE, group)
    if not found[0].estimate.requests:
        return
    with st.container(border=True):
        st.subheader("Saved against other ways of choosing")
        st.caption(
            f"Over the last {MOST_REPLAYED:,} requests that routing acted on, within 95 % intervals. "
            f"{_priced(found[0])}"
        )
        types = {"saved": pl.Float64, "within": pl.Float64}
        shown = pl.DataFrame([_saving(one) for one in found], schema_overrides=types)
        st.dataframe(
            amounts.rounded(shown, "saved", "within"),
            hide_index=True,
            column_config={
                "baseline": st.column_config.TextColumn("Instead of Scalix", width="medium"),
                "saved": amounts.column(
                    "Saved",
                    shown["saved"],
                    explained="Negative: Scalix cost more",
                    width=None,
                ),
                "within": amounts.column("±", shown["within"]),
                "requests": st.column_config.NumberColumn("Requests", width="small"),
                "said": st.column_config.TextColumn("What can be said", width="medium"),
            },
            placeholder=UNKNOWN,
            alt="Savings",
            key="savings",
        )


def _priced(one: Saving) -> str:
    """How many of the requests are in the amounts, in words."""
    if not one.unpriced:
        return "All of them are priced."
    return f"{one.priced_share:.1%} of them are priced; {one.unpriced:,} of unknown cost are left out."


def _saving(one: Saving) -> dict[str, object]:
    refused = one.estimate.refused
    clear = "saved" if one.saved_usd > 0 else "cost more"
    return {
        "baseline": one.baseline,
        "saved": None if refused else one.saved_usd,
        "within": None if refused else one.within_usd,
        "requests": one.estimate.requests,
        "said": refused or (clear if one.estimate.decided else "no clear difference"),
    }


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _savings(start: datetime, end: datetime, group: str | None) -> list[Saving]:
    return savings(start, end, group, most=MOST_REPLAYED)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
