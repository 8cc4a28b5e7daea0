"""What the Routing page shows, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics import decisions
from dashboard import amounts, charts, exports, formatting, routing_charts
from dashboard.choosing import row_of
from dashboard.formatting import UNKNOWN, clean, cleaned
from routing.explaining import explained, matches
from routing.scoring import answer_cost
from scalix.errors import UnexplainedError

if TYPE_CHECKING:
    from analytics.filters import Filters
    from routing.policy import Decision

_ROUTER = """import scalix

router = scalix.router([...])  # LiteLLM's Router, its deployments chosen by Scalix
"""
_MODE = "scalix route shadow   # off, shadow, canary or on\n"


@dataclass(frozen=True)
class Figures:
    """Everything the page shows."""

    recent: pl.DataFrame
    shares: pl.DataFrame


def read(filters: Filters) -> Figures:
    """Ask for everything the page shows. Raises StoreError when the ledger cannot answer."""
    return Figures(recent=decisions.recent(filters), shares=decisions.shares(filters))


def show(shown: Figures, filters: Filters) -> None:
    """Tiles, shares and the latest decisions, or how to begin."""
    if shown.recent.is_empty():
        st.info(
            "Choose a longer range, or have a Router choose by what was learned:",
            title="No decisions in this span",
            icon=":material/alt_route:",
        )
        st.code(_ROUTER, language="python")
        st.code(_MODE, language="bash")
        return
    _tiles(shown.shares)
    palette = charts.colours(formatting.clean_all(shown.shares["name"].drop_nulls().unique()).to_list())
    with st.container(border=True):
        st.subheader("Where requests were sent")
        st.altair_chart(
            routing_charts.shares(shown.shares, filters, palette), alt="Requests by deployment over time", key="shares"
        )
        exports.show("requests_by_deployment", shown.shares, decisions.readable("shares", filters))
    with st.container(border=True):
        st.subheader("Latest decisions")
        st.caption("Choose a row to see why.")
        _feed(shown.recent)
        exports.show("decisions", shown.recent, decisions.readable("recent", filters))


def _tiles(shares: pl.DataFrame) -> None:
    made, acted, explored = shares.select(pl.col("decisions", "acted", "explored").sum()).row(0)
    with st.grid(4, min_column_width=150):
        st.metric("Decisions", formatting.count(made), border=True)
        st.metric("Acted on", formatting.share(acted / made), border=True, help="The rest was only recorded")
        st.metric("Exploring", formatting.share(explored / made), border=True, help="To find what has recovered")
        st.metric("Deployments", formatting.count(shares["name"].n_unique()), border=True)


def _feed(frame: pl.DataFrame) -> None:
    shown = frame.select(
        "decided_at",
        cleaned("model_group"),
        cleaned("deployment_id"),
        pl.when("acted").then(pl.col("mode")).otherwise(pl.col("mode") + ", recorded only").alias("mode"),
        "probability",
        "reason",
    )
    chosen = row_of(
        shown,
        {
            "decided_at": st.column_config.DatetimeColumn("Decided at (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "model_group": st.column_config.TextColumn("Model group", width="small"),
            "deployment_id": st.column_config.TextColumn("Sent to"),
            "mode": st.column_config.TextColumn("Mode", width="small"),
            "probability": st.column_config.NumberColumn("Chance", format="percent", width="small"),
            "reason": st.column_config.TextColumn("Why"),
        },
        alt="Latest decisions",
        key="decisions",
    )
    recorded = frame["decision"][chosen or 0]
    try:
        found, exact = explained(recorded), matches(recorded)
    except UnexplainedError as error:
        st.info(clean(str(error)))
    else:
        _why(found, exact=exact)


def _why(decision: Decision, *, exact: bool) -> None:
    said = "recomputed exactly from what was recorded" if exact else "not what was recorded: the record was changed"
    st.markdown(f"**{clean(decision.deployment_id)}**, {decision.reason}; {said}.")
    rows = [
        {
            "deployment": clean(one.deployment_id),
            "expected": score,
            "chance": probability,
            "cost": answer_cost(decision.asked, one),
            "latency": one.latency_s,
            "answered": one.successes,
            "failed": one.failures,
            "breaker": one.breaker.replace("_", " "),
        }
        for one, score, probability in zip(decision.candidates, decision.scores, decision.probabilities, strict=True)
    ]
    shown = pl.DataFrame(rows, schema_overrides={"cost": pl.Float64, "latency": pl.Float64}).sort("expected")
    st.dataframe(
        amounts.rounded(shown, "expected", "cost", least=amounts.OF_ONE_CALL),
        hide_index=True,
        column_config={
            "deployment": st.column_config.TextColumn("Candidate"),
            "expected": amounts.column(
                "Expected cost",
                shown["expected"],
                explained="Of an answer, failing first and waiting included",
                least=amounts.OF_ONE_CALL,
                width=None,
            ),
            "chance": st.column_config.NumberColumn("Chance", format="percent", width="small"),
            "cost": amounts.column("Cost of an answer", shown["cost"], least=amounts.OF_ONE_CALL),
            "latency": st.column_config.NumberColumn("Latency", format="%.2f s", width="small"),
            "answered": st.column_config.NumberColumn("Answered", format="%.1f", width="small", help="Decayed"),
            "failed": st.column_config.NumberColumn("Failed", format="%.1f", width="small", help="Decayed"),
            "breaker": st.column_config.TextColumn("Breaker", width="small"),
        },
        placeholder=UNKNOWN,
        alt="Candidates of the decision",
        key="candidates",
    )
