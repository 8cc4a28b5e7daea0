"""The figures at the top of the overview: what each says, and how it changed against the previous equal period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import formatting
from dashboard.formatting import Change, points, relative

if TYPE_CHECKING:
    from analytics.stats import Totals


@dataclass(frozen=True)
class Tile:
    """One figure. ``note`` stands beside the change."""

    label: str
    value: str
    change: Change
    note: str | None
    explanation: str


def tiles(now: Totals, before: Totals) -> list[Tile]:
    """All tiles in the order in which they are shown."""
    return [*_volume(now, before), *_quality(now, before)]


def spent(totals: Totals) -> Decimal | None:
    """What was spent: nothing when no tokens were used, unknown when they were and none of them has a price."""
    return Decimal(0) if totals.spent_usd is None and not totals.with_tokens else totals.spent_usd


def coverage(totals: Totals) -> str | None:
    """How much of the spending is known."""
    unpriced = totals.unpriced_share
    return formatting.priced(None if unpriced is None else 1 - unpriced)


def _volume(now: Totals, before: Totals) -> list[Tile]:
    return [
        Tile(
            "Spent",
            formatting.money(spent(now)),
            relative(spent(now), spent(before), "off"),
            coverage(now),
            "Known cost of all attempts: what the provider reported, else the price book, else LiteLLM. "
            "Attempts of unknown cost are left out and counted under Unpriced.",
        ),
        Tile(
            "Calls",
            formatting.count(now.calls),
            relative(now.calls, before.calls, "off"),
            None,
            "Requests that your applications made, however many attempts each of them took.",
        ),
        Tile(
            "Attempts",
            formatting.count(now.attempts),
            relative(now.attempts, before.attempts, "off"),
            None if now.attempt_success_rate is None else f"{formatting.share(now.attempt_success_rate)} ok",
            "Requests handed to a provider: first tries, retries and fallbacks.",
        ),
        Tile(
            "Tokens",
            formatting.count(now.tokens.total),
            relative(now.tokens.total, before.tokens.total, "off"),
            _cache_note(now),
            "All classes together: input, cache reads and writes, output, reasoning, audio and images.",
        ),
        Tile(
            "Unpriced",
            formatting.share(now.unpriced_share),
            points(now.unpriced_share, before.unpriced_share, "inverse"),
            f"{formatting.count(now.unpriced)} of {formatting.count(now.with_tokens)}" if now.unpriced else None,
            "Attempts that used tokens and whose cost is unknown, among all that used tokens.",
        ),
    ]


def _quality(now: Totals, before: Totals) -> list[Tile]:
    return [
        Tile(
            "Success rate",
            formatting.share(now.request_success_rate),
            points(now.request_success_rate, before.request_success_rate, "normal"),
            f"{formatting.count(now.unserved)} failed" if now.unserved else None,
            "Calls that were answered in the end, after retries and failover, among those answered or failed by "
            "providers. Calls that the caller gave up, those we refused, and those that no provider could have served "
            "are left out.",
        ),
        Tile(
            "Error rate",
            formatting.share(now.error_rate),
            points(now.error_rate, before.error_rate, "inverse"),
            None,
            "Attempts that failed at the provider, among those that succeeded or failed. Our own refusals and requests "
            "that no provider could have served (malformed, too long, against policy) are not provider errors.",
        ),
        Tile(
            "Latency p95",
            formatting.duration(now.latency_p95_us),
            relative(now.latency_p95_us, before.latency_p95_us, "inverse"),
            None,
            "19 of 20 successful attempts were answered in full within this time.",
        ),
        Tile(
            "First token",
            formatting.duration(now.ttft_p50_us),
            relative(now.ttft_p50_us, before.ttft_p50_us, "inverse"),
            None if now.ttft_p95_us is None else f"p95 {formatting.duration(now.ttft_p95_us)}",
            "Median time to first token (TTFT) of streamed attempts.",
        ),
        Tile(
            "Time in failover",
            formatting.duration(now.failover_us),
            relative(now.failover_us, before.failover_us, "inverse"),
            f"{formatting.count(now.failed_over)} calls" if now.failed_over else None,
            "Time spent in failed attempts of calls that a later attempt answered.",
        ),
    ]


def _cache_note(totals: Totals) -> str | None:
    tokens = totals.tokens
    read = tokens.cache_read_tokens
    return f"{formatting.rough_share(read / tokens.total)} cached" if read and tokens.total else None
