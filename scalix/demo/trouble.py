"""Requests, failovers, waste and episodes: what the providers' logs say against what Scalix shows of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from analytics.filters import Filters
from analytics.reliability.episodes import episodes, episodes_in
from analytics.reliability.windows import ROWS
from scalix.demo.compare import match
from scalix.demo.truth import STAYS, Chain, Move, chains, deployment, ending, trace
from scalix.events import PICODOLLARS
from scalix.store import sqlfiles
from scalix.store.lake_reader import LakeReader
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    from datetime import datetime

    from scalix.demo.compare import Pair
    from scalix.demo.providers.log import Request
    from scalix.demo.recorded import Recorded
    from scalix.folder import Folder

SPAN = timedelta(hours=1)
KINDS = {429: "rate_limit"}
ENDED = frozenset({"success", "failure"})


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What both sides say of requests whose callers stayed, and how often they differ. Zeros there are agreement."""

    answered_requests: int
    failed_requests: int
    recovered_requests: int
    failovers: int
    wasted_usd: Decimal
    """Billed for attempts that failed, as far as the provider told."""
    episodes: int
    requests_differ: int
    """Requests that ended otherwise than was recorded, or recovered otherwise."""
    failovers_differ: int
    """Requests whose moves, what became of them, or what they wasted were recorded otherwise."""
    wasted_difference_usd: Decimal
    episodes_differ: int

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not (self.requests_differ or self.failovers_differ or self.episodes_differ or self.wasted_difference_usd)


def compare_trouble(folder: Folder, requests: list[Request], attempts: list[Recorded], since_us: int) -> Trouble:
    """Both sides since a moment, request by request and episode by episode. Raises StoreError."""
    pairs, _, _ = match(requests, attempts)
    left = {trace(one) for one in requests if not (one.caller or "").endswith(f" {STAYS}")}
    logged, recorded = chains(requests), _recorded_chains(folder, since_us, left)
    both = [(logged.get(name), recorded.get(name)) for name in logged.keys() | recorded.keys()]
    expected = episodes_in(minutes(pairs))
    shown = episodes(Filters(_minute(since_us), from_us(since_us) + SPAN), LakeReader(folder.lake_views))
    return Trouble(
        answered_requests=sum(one.answered for one in logged.values()),
        failed_requests=sum(not one.answered for one in logged.values()),
        recovered_requests=sum(one.recovered for one in logged.values()),
        failovers=sum(len(one.moves) for one in logged.values()),
        wasted_usd=_dollars(sum(one.wasted_pusd for one in logged.values())),
        episodes=len(expected),
        requests_differ=sum(not _end_alike(one, other) for one, other in both),
        failovers_differ=sum(one is None or other is None or one.moves != other.moves for one, other in both),
        wasted_difference_usd=_dollars(sum(abs(_wasted(one) - _wasted(other)) for one, other in both)),
        episodes_differ=len(set(shown) ^ set(expected)),
    )


def _end_alike(one: Chain | None, other: Chain | None) -> bool:
    if one is None or other is None:
        return False
    return (one.answered, one.recovered) == (other.answered, other.recovered)


def _wasted(chain: Chain | None) -> int:
    return chain.wasted_pusd if chain else 0


def _recorded_chains(folder: Folder, since_us: int, left: set[str]) -> dict[str, Chain]:
    """Requests as the lake tells them, but for those whose callers left."""
    lake, span = LakeReader(folder.lake_views), {"start": from_us(since_us), "end": from_us(since_us) + SPAN}
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    for row in lake.read(sqlfiles.text("demo/moves"), dict(span)).to_dicts():
        moves[row.pop("request_id")].append(Move(**row))
    rows = lake.read(sqlfiles.text("demo/requests"), dict(span)).to_dicts()
    ends = {row.pop("request_id"): row for row in rows}
    return {name: Chain(**row, moves=tuple(moves[name])) for name, row in ends.items() if name not in left}


def minutes(pairs: list[Pair]) -> pl.DataFrame:
    """Calls by deployment and minute, as the ledger gives them.

    How a call ended is what the provider saw, when it began is what the caller saw: each by its own clock.
    """
    cells: defaultdict[tuple[str, str, datetime], Counter[str]] = defaultdict(Counter)
    for request, attempt in pairs:
        end = ending(request)
        # Whether a caller that went away still got its answer is for the caller to say.
        if end == "left" or (end == "answered" and attempt.status not in ENDED):
            continue
        kind = "" if end == "answered" else _kind(request)
        cells[attempt.label, deployment(request), _minute(attempt.started_us)][kind] += 1
    several = Counter(provider for provider, _ in {key[:2] for key in cells})
    return pl.DataFrame(
        [
            {
                "bucket_at": at,
                "provider": provider,
                "deployment": name,
                "shared": several[provider] > 1,
                "ended": counts.total(),
                "provider_errors": counts.total() - counts[""],
                "errors": [{"kind": kind, "count": count} for kind, count in counts.items() if kind],
            }
            for (provider, name, at), counts in cells.items()
        ],
        ROWS,
    )


def _kind(request: Request) -> str:
    if request.outcome == "disconnected":
        return "timeout"
    return KINDS.get(request.status or 0, "server")


def _minute(moment_us: int) -> datetime:
    return from_us(moment_us // (60 * MICROSECONDS) * 60 * MICROSECONDS)


def _dollars(picodollars: int) -> Decimal:
    return Decimal(picodollars) / PICODOLLARS
