from __future__ import annotations

from decimal import Decimal

from analytics.stats import Tokens, Totals
from dashboard.formatting import UNKNOWN
from dashboard.tiles import Tile, tiles


def _shown(now: Totals, before: Totals) -> dict[str, Tile]:
    return {tile.label: tile for tile in tiles(now, before)}


def test_every_figure_that_was_asked_for_has_a_tile() -> None:
    assert list(_shown(Totals(), Totals())) == [
        "Spent",
        "Calls",
        "Attempts",
        "Tokens",
        "Unpriced",
        "Success rate",
        "Error rate",
        "Latency p95",
        "First token",
        "Time in failover",
    ]


def test_nothing_used_costs_nothing_and_something_unpriced_costs_an_unknown_amount() -> None:
    assert _shown(Totals(), Totals())["Spent"].value == "$0.00"
    unpriced = _shown(Totals(with_tokens=3, unpriced=3), Totals())["Spent"]
    assert (unpriced.value, unpriced.note) == (UNKNOWN, "0% priced")
    partly = _shown(Totals(spent_usd=Decimal(2), with_tokens=4, unpriced=1), Totals())["Spent"]
    assert (partly.value, partly.note) == ("$2.00", "75.00% priced")
    fully = _shown(Totals(spent_usd=Decimal(2), with_tokens=4), Totals(spent_usd=Decimal(1), with_tokens=1))["Spent"]
    assert (fully.change.text, fully.note) == ("+100%", "all priced")


def test_better_and_worse_point_the_right_way() -> None:
    now = Totals(
        served=99, unserved=1, succeeded=90, failed=10, provider_errors=5, latency_p95_us=2e6, ttft_p50_us=4e5,
        ttft_p95_us=9e5, failover_us=3_000_000, failed_over=7, attempts=100,
        tokens=Tokens(input_tokens=60, cache_read_tokens=40),
    )  # fmt: skip
    before = Totals(served=100, succeeded=100, latency_p95_us=1e6, ttft_p50_us=8e5, failover_us=6_000_000)
    shown = _shown(now, before)

    assert {
        label: (tile.value, tile.change.text, tile.change.direction, tile.note) for label, tile in shown.items()
    } == {
        "Spent": ("$0.00", None, "off", None),
        "Calls": ("100", "same", "off", None),
        "Attempts": ("100", None, "off", "90.00% ok"),
        "Tokens": ("100", None, "off", "40.0% cached"),
        "Unpriced": (UNKNOWN, None, "off", None),
        "Success rate": ("99.00%", "-1.0 pp", "normal", "1 failed"),
        "Error rate": ("5.00%", "+5.0 pp", "inverse", None),
        "Latency p95": ("2.00 s", "+100%", "inverse", None),
        "First token": ("400 ms", "-50.0%", "inverse", "p95 900 ms"),
        "Time in failover": ("3.00 s", "-50.0%", "inverse", "7 calls"),
    }
