"""The one filter bar. Its state is the page's address, so a view survives a reload and can be sent to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from analytics import stats
from analytics.filters import FACETS, MOST_CHOICES, Filters
from dashboard.formatting import clean, clean_all

if TYPE_CHECKING:
    from collections.abc import Mapping

RANGES = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
CUSTOM = "custom"
DEFAULT_RANGE = "24h"
PARAMETERS = dict(zip(FACETS, ("provider", "model", "group", "deployment", "team", "user", "tag"), strict=True))
"""Filter to the name by which the address knows it."""
_LABELS = dict(zip(FACETS, ("Provider", "Model", "Model group", "Deployment", "Team", "User", "Tag"), strict=True))
_LONGEST_CHOICE = 512


@dataclass(frozen=True)
class Selection:
    """What is chosen. A span that ends now moves along with every refresh."""

    span: timedelta | None
    start: datetime | None
    end: datetime | None
    choices: Mapping[str, tuple[str, ...]]
    live: bool

    def filters(self, now: datetime) -> Filters:
        """The filters as of now."""
        end = self.end or now
        start = self.start or end - (self.span or RANGES[DEFAULT_RANGE])
        return Filters(start=start, end=end, **self.choices)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the time is filtered."""
        return any(self.choices.values())


def show(now: datetime) -> Selection:
    """Draw the bar and say what is chosen. Values in the address that cannot be are ignored, with a notice.

    Raises StoreError when the ledger cannot be asked what there is to choose from.
    """
    asked = {name: st.query_params.get_all(name) for name in ("range", "from", "to", "live", *PARAMETERS.values())}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Range", [*RANGES, CUSTOM], key="range", default=DEFAULT_RANGE, required=True, bind="query-params"
        )
        custom = st.session_state["range"] == CUSTOM
        if custom:
            _moments()
        st.toggle("Live", value=True, key="live", bind="query-params", disabled=custom)
    start, end, refused = _custom_span(now) if custom else (None, None, False)
    span = RANGES.get(st.session_state["range"], RANGES[DEFAULT_RANGE])
    choices = _choices(end or now, start or (end or now) - span)
    _report(_ignored(asked, custom=custom, choices=choices) + (["from", "to"] if refused else []))
    return Selection(
        span=None if start else span,
        start=start,
        end=end,
        choices=choices,
        live=bool(st.session_state["live"]) and not start,
    )


def _moments() -> None:
    st.datetime_input("From (UTC)", value=None, key="from", bind="query-params", width=220)
    st.datetime_input("To (UTC)", value=None, key="to", bind="query-params", width=220)


def _custom_span(now: datetime) -> tuple[datetime | None, datetime | None, bool]:
    """From and to as chosen, a missing end being now, and whether they had to be refused as no span."""
    start, end = st.session_state["from"], st.session_state["to"]
    if start is None:
        return None, None, False
    try:
        chosen = Filters(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC) if end else now)
    except ValueError:
        return None, None, True
    return chosen.start, chosen.end, False


def _choices(end: datetime, start: datetime) -> dict[str, tuple[str, ...]]:
    asked = any(st.query_params.get_all(name) for name in PARAMETERS.values())
    st.session_state.setdefault("filters_open", asked)
    minute = end.replace(second=0, microsecond=0) + timedelta(minutes=1)
    offered = _facets(minute - (end - start), minute)
    with st.expander("Filters", icon=":material/filter_alt:", expanded=st.session_state["filters_open"]), st.grid(4):
        return {facet: _choice(facet, offered[facet]) for facet in FACETS}


def _choice(facet: str, offered: list[str]) -> tuple[str, ...]:
    labels = dict(zip(offered, clean_all(offered), strict=True))
    chosen = st.multiselect(
        _LABELS[facet],
        offered,
        key=PARAMETERS[facet],
        bind="query-params",
        format_func=lambda value: labels.get(value) or clean(value),
        accept_new_options=True,
        placeholder="All",
    )
    return tuple(value for value in chosen if value and len(value) <= _LONGEST_CHOICE)[:MOST_CHOICES]


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def _facets(start: datetime, end: datetime) -> dict[str, list[str]]:
    return stats.facets(start, end)


def _ignored(asked: dict[str, list[str]], *, custom: bool, choices: dict[str, tuple[str, ...]]) -> list[str]:
    """Names of the parameters that the address gave and the widgets did not take."""
    ignored = [name for name in ("range", "live") if asked[name] and not _taken(name, asked[name])]
    if custom:
        ignored += [name for name in ("from", "to") if asked[name] and st.session_state[name] is None]
    return ignored + [PARAMETERS[facet] for facet, kept in choices.items() if set(asked[PARAMETERS[facet]]) - set(kept)]


def _taken(name: str, values: list[str]) -> bool:
    known = [*RANGES, CUSTOM] if name == "range" else ["true", "false"]
    return values[-1] in known


def _report(ignored: list[str]) -> None:
    if ignored:
        st.warning(f"Not understood and ignored in the address: {', '.join(dict.fromkeys(ignored))}.")
