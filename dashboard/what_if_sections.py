"""What the What-if page asks, and how it shows the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboard.formatting import UNKNOWN, clean
from routing.policy import Policy
from routing.replay.running import Replayed, replay
from routing.replay.scenarios import Scenario

if TYPE_CHECKING:
    from analytics.filters import Filters
    from routing.replay.estimating import Estimate

MOST_REPLAYED = 5_000
_USUAL = Policy()


def scenario(deployments: list[str]) -> Scenario:
    """What the visitor wants to see changed; nothing at first."""
    with st.container(border=True):
        st.subheader("What if")
        left, middle, right = st.columns(3)
        per_s = left.number_input(
            "A second is worth (USD)", 0.0, 1.0, _USUAL.usd_per_s, format="%.5f", step=0.0001, key="usd_per_s"
        )
        exploration = left.number_input(
            "Share explored", 0.0, 0.5, _USUAL.exploration, format="%.3f", step=0.005, key="exploration"
        )
        repriced = middle.selectbox("Price of", deployments, index=None, placeholder="no deployment", key="repriced")
        factor = middle.number_input("is multiplied by", 0.0, 100.0, 1.0, step=0.1, key="factor")
        down = right.multiselect("Cannot be reached", deployments, key="down")
        degrade = right.toggle("A budget runs low", key="degrade", help="The cheapest is taken, however slow it is")
    changed = {"usd_per_s": per_s, "exploration": exploration}
    return Scenario(
        policy={name: value for name, value in changed.items() if value != getattr(_USUAL, name)},
        prices={repriced: factor} if repriced else {},
        down=frozenset(down),
        degrade=degrade,
    )


def show(asked: Scenario, filters: Filters) -> None:
    """Recorded beside estimated, paired by request, or why nothing is claimed."""
    group = filters.model_groups[0] if len(filters.model_groups) == 1 else None
    found = replay(asked, filters.start, filters.end, group, most=MOST_REPLAYED)
    if not found.cost.requests:
        st.info(
            "Choose a longer range. Only requests that routing acted on can be replayed.",
            title="No requests to replay in this span",
            icon=":material/replay:",
        )
        return
    if found.cost.refused:
        st.warning(clean(found.cost.refused), title="Nothing can be said", icon=":material/help:")
        return
    _sentence(found.cost)
    _table(found)


def _sentence(cost: Estimate) -> None:
    if not cost.decided:
        st.success("The cost would be the same, as far as can be told.", icon=":material/drag_handle:")
        return
    word = "less" if cost.difference < 0 else "more"
    change = abs(cost.difference) / cost.recorded if cost.recorded else 0.0
    st.success(f"A request would cost {change:.1%} {word}.", icon=":material/compare_arrows:")


def _table(found: Replayed) -> None:
    rows = [
        _row("Cost of a request, USD", found.cost),
        _row("Seconds to its end", found.seconds),
        _row("Share answered", found.answered),
    ]
    st.dataframe(
        pl.DataFrame(rows),
        hide_index=True,
        column_config={
            "measure": st.column_config.TextColumn("Per request"),
            "recorded": st.column_config.NumberColumn("Recorded", format="%.6f"),
            "estimated": st.column_config.NumberColumn("What if", format="%.6f"),
            "difference": st.column_config.NumberColumn("Difference", format="%.6f"),
            "within": st.column_config.NumberColumn("95 % interval, ±", format="%.6f"),
            "said": st.column_config.TextColumn("What can be said"),
        },
        placeholder=UNKNOWN,
        alt="Recorded and what if",
        key="what_if",
    )
    st.caption(
        f"{found.cost.requests:,} requests, each compared with itself; under the other choice they tell as much as "
        f"{found.cost.effective:,.0f}. {found.unpriced:,} of unknown cost are left out."
    )


def _row(measure: str, one: Estimate) -> dict[str, object]:
    return {
        "measure": measure,
        "recorded": one.recorded,
        "estimated": one.estimated,
        "difference": one.difference,
        "within": one.within,
        "said": "differs" if one.decided else "no clear difference",
    }
