from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import polars as pl
import pytest

from analytics import history, stats
from analytics.failover.requests import outcomes
from analytics.filters import FACETS, Filters
from scalix.store import sqlfiles
from tests.attempt_rows import NOON, Attempt, after_noon, failure, record, rolled_up

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

HOUR = Filters(NOON, NOON + timedelta(hours=1))


def test_an_empty_ledger_has_no_figures_and_nothing_unknown_becomes_zero(ledger: Ledger) -> None:
    now, before = stats.totals(HOUR, ledger)

    assert now == before == stats.Totals()
    assert now.spent_usd is None
    assert now.tokens.total is None
    assert now.request_success_rate is None
    assert now.error_rate is None
    assert now.unpriced_share is None
    assert stats.providers_over_time(HOUR, ledger).is_empty()
    assert stats.latest_failovers(HOUR, ledger=ledger).is_empty()
    assert stats.top_models(HOUR, ledger=ledger).is_empty()
    assert stats.facets(HOUR.start, HOUR.end, ledger=ledger) == {name: [] for name in FACETS}
    assert stats.freshness(ledger) == stats.Freshness(None, None, None)


def test_totals_of_a_period_and_of_the_equal_one_before(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(after_noon(minutes=-90), litellm_cost_usd=Decimal(100)),
            Attempt(after_noon(minutes=-60), litellm_cost_usd=Decimal("0.5")),
            Attempt(after_noon(microseconds=-1), litellm_cost_usd=Decimal("0.25")),
            Attempt(NOON, litellm_cost_usd=Decimal("1.000000000001"), cache_read_tokens=100, reasoning_tokens=7),
            Attempt(after_noon(minutes=59), litellm_cost_usd=Decimal(2), provider_cost_usd=Decimal(3)),
            Attempt(after_noon(minutes=60), litellm_cost_usd=Decimal(100)),
        ],
    )

    now, before = stats.totals(HOUR, ledger)

    assert now.spent_usd == Decimal("4.000000000001")
    assert before.spent_usd == Decimal("0.750000000000")
    assert (now.calls, before.calls) == (2, 2)
    assert (now.tokens.input_tokens, now.tokens.output_tokens) == (20, 10)
    assert (now.tokens.cache_read_tokens, now.tokens.reasoning_tokens) == (100, 7)
    assert now.tokens.audio_input_tokens is None
    assert now.tokens.total == 137


def test_cost_that_is_unknown_is_counted_and_never_zero(ledger: Ledger) -> None:
    record(ledger, [Attempt(litellm_cost_usd=None), Attempt(litellm_cost_usd=None), failure(request=1)])

    now, _ = stats.totals(HOUR, ledger)

    assert now.spent_usd is None
    assert (now.with_tokens, now.unpriced, now.unpriced_share) == (2, 2, 1.0)
    record(ledger, [Attempt(litellm_cost_usd=Decimal(0)), Attempt(litellm_cost_usd=Decimal("0.2"))])
    now, _ = stats.totals(HOUR, ledger)
    assert now.spent_usd == Decimal("0.2")
    assert now.unpriced_share == 0.5


def test_requests_are_judged_by_their_end_and_attempts_each_by_itself(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(request=1),
            failure(request=2, latency_us=2_000_000),
            failure(request=2, started_at=after_noon(seconds=3), latency_us=500_000),
            Attempt(request=2, started_at=after_noon(seconds=4)),
            failure(request=3),
            failure(request=3, started_at=after_noon(seconds=1)),
            Attempt(request=4, status="cancelled"),
            failure(request=5, upstream=False, error_kind="rejected"),
            Attempt(request=6, upstream=False),
        ],
    )

    now, _ = stats.totals(HOUR, ledger)

    assert (now.served, now.unserved, now.unfinished, now.calls) == (3, 1, 2, 6)
    assert now.request_success_rate == 3 / 4
    assert (now.attempts, now.succeeded, now.failed) == (7, 2, 4)
    assert now.attempt_success_rate == 2 / 6
    assert (now.failed_over, now.failover_us) == (1, 2_500_000)


def test_a_call_is_judged_by_its_last_attempt_whatever_failed_before_it(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(request=1),
            failure(request=2),
            Attempt(request=2, started_at=after_noon(seconds=1), status="abandoned"),
            failure(request=3),
            Attempt(request=3, started_at=after_noon(seconds=1), status="cancelled"),
            failure(request=4),
            failure(request=4, started_at=after_noon(seconds=1), upstream=False, error_kind="rejected"),
            failure(request=5, error_kind="bad_request"),
            Attempt(request=6, status="abandoned"),
            failure(request=6, started_at=after_noon(seconds=1)),
        ],
    )

    now, _ = stats.totals(HOUR, ledger)

    assert (now.served, now.unserved, now.unfinished) == (1, 1, 4)
    assert now.request_success_rate == 1 / 2


def test_overview_and_failover_judge_calls_alike(ledger: Ledger) -> None:
    ends = ("success", "failure", "cancelled", "abandoned")
    kinds = ("server", "bad_request")
    chains = list(product(ends, ends, kinds, (True, False)))
    rolled_up(
        ledger,
        *(
            attempt
            for number, (first, second, kind, upstream) in enumerate(chains)
            for attempt in (
                Attempt(request=number, status=first, error_kind=kind),
                Attempt(after_noon(seconds=1), number, status=second, error_kind=kind, upstream=upstream),
            )
        ),
    )

    now, _ = stats.totals(HOUR, ledger)
    there = outcomes(HOUR, ledger)

    assert now.calls == len(chains) + len(chains) // 4
    assert (now.served, now.unserved) == (there.answered, there.failed)
    assert now.unfinished == there.given_up + there.refused + there.own_fault
    assert now.request_success_rate == there.request_success_rate
    assert (now.failed_over, now.failover_us) == (there.recovered, there.failover_us)


def test_a_request_counts_in_the_period_in_which_it_ended(ledger: Ledger) -> None:
    record(ledger, [failure(request=1, started_at=after_noon(seconds=-1)), Attempt(request=1)])

    now, before = stats.totals(HOUR, ledger)

    assert (now.served, now.unserved, before.served, before.unserved) == (1, 0, 0, 0)
    assert (now.failed_over, now.failover_us) == (1, 1_000_000)


def test_calls_that_share_a_trace_are_calls_of_their_own(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(request=1),
            failure(request=1, started_at=after_noon(seconds=1), latency_us=1_000),
            Attempt(request=1, started_at=after_noon(seconds=2)),
            Attempt(request=1, started_at=after_noon(seconds=3)),
            failure(request=1, started_at=after_noon(seconds=4)),
        ],
    )

    now, _ = stats.totals(HOUR, ledger)

    assert (now.served, now.unserved, now.failed_over, now.failover_us) == (3, 1, 1, 1_000)


@pytest.mark.parametrize(
    ("columns", "errors"),
    [
        ({}, 1),
        ({"error_kind": None}, 1),
        ({"error_kind": "rate_limit"}, 1),
        ({"error_kind": "auth"}, 1),
        ({"error_kind": "bad_request"}, 0),
        ({"error_kind": "context_window"}, 0),
        ({"error_kind": "content_policy"}, 0),
        ({"error_kind": "rejected"}, 0),
        ({"upstream": False, "error_kind": "rate_limit"}, 0),
        ({"upstream": None}, 1),
    ],
)
def test_the_error_rate_holds_only_what_the_provider_answers_for(
    ledger: Ledger, columns: dict[str, object], errors: int
) -> None:
    record(ledger, [Attempt(), failure(**columns)])

    now, _ = stats.totals(HOUR, ledger)

    assert now.provider_errors == errors


def test_percentiles_are_of_successful_attempts_and_unknown_times_are_left_out(ledger: Ledger) -> None:
    record(
        ledger,
        [
            *(Attempt(latency_us=1000 * number, ttft_us=10 * number) for number in range(1, 102)),
            Attempt(latency_us=None),
            failure(latency_us=60_000_000),
        ],
    )

    now, before = stats.totals(HOUR, ledger)

    assert (now.latency_p95_us, now.ttft_p50_us, now.ttft_p95_us) == (96_000, 510, 960)
    assert (before.latency_p95_us, before.ttft_p50_us) == (None, None)


FILTERED = [
    ("providers", {"provider": "anthropic"}, "anthropic"),
    ("models", {"model": "o3"}, "o3"),
    ("model_groups", {"model_group": "coding"}, "coding"),
    ("deployments", {"deployment_id": "eu-1"}, "eu-1"),
    ("teams", {"team_alias": "search", "team_id": "t1"}, "search"),
    ("teams", {"team_id": "t1"}, "t1"),
    ("users", {"user_id": "ann"}, "ann"),
    ("users", {"end_user": "ann"}, "ann"),
    ("tags", {"tags": ("prod", "batch")}, "batch"),
]


@pytest.mark.parametrize(("facet", "columns", "value"), FILTERED)
def test_each_filter_keeps_what_it_names_and_offers_it(
    ledger: Ledger, facet: str, columns: dict[str, object], value: str
) -> None:
    wanted = Attempt(**{"litellm_cost_usd": Decimal(7), **columns})  # type: ignore[arg-type]  # by name
    record(ledger, [Attempt(), wanted, failure(request=1, provider=None, model=None, model_group=None)])
    narrowed = Filters(HOUR.start, HOUR.end, **{facet: ("nobody", value)})

    now, _ = stats.totals(narrowed, ledger)

    assert (now.spent_usd, now.calls, now.attempts) == (Decimal(7), 1, 1)
    assert stats.providers_over_time(narrowed, ledger)["attempts"].sum() == 1
    assert stats.top_models(narrowed, ledger=ledger)["spent_usd"].to_list() == [Decimal(7)]
    assert value in stats.facets(HOUR.start, HOUR.end, ledger=ledger)[facet]


def test_filters_exclude_each_other_until_all_match(ledger: Ledger) -> None:
    record(ledger, [Attempt(user_id="ann", tags=("a",)), Attempt(user_id="bob", tags=("a",)), Attempt(user_id="ann")])

    both = Filters(HOUR.start, HOUR.end, users=("ann",), tags=("a", "b"))

    assert stats.totals(both, ledger)[0].attempts == 1


def test_a_request_that_touched_the_provider_counts_however_it_went_on(ledger: Ledger) -> None:
    record(
        ledger,
        [
            failure(request=1, provider="azure", latency_us=300),
            Attempt(request=1, started_at=after_noon(seconds=1), provider="openai"),
        ],
    )

    at_azure, _ = stats.totals(Filters(HOUR.start, HOUR.end, providers=("azure",)), ledger)
    at_openai, _ = stats.totals(Filters(HOUR.start, HOUR.end, providers=("openai",)), ledger)

    assert (at_azure.served, at_azure.unserved, at_azure.failover_us) == (1, 0, 300)
    assert (at_azure.attempts, at_azure.error_rate) == (1, 1.0)
    assert (at_openai.served, at_openai.unserved, at_openai.failover_us) == (1, 0, 0)


def test_cost_and_errors_over_time_by_provider(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(after_noon(seconds=59)),
            Attempt(after_noon(seconds=1), litellm_cost_usd=None),
            Attempt(after_noon(seconds=61), provider="azure", litellm_cost_usd=None),
            failure(started_at=after_noon(seconds=62), provider="azure", request=1),
            Attempt(after_noon(seconds=63), provider="azure", status="cancelled", litellm_cost_usd=None),
        ],
    )

    frame = stats.providers_over_time(HOUR, ledger)

    assert HOUR.bucket == timedelta(minutes=1)
    assert frame.columns == [
        "at", "provider", "spent_usd", "unpriced", "attempts", "ended", "provider_errors", "error_rate",
    ]  # fmt: skip
    assert frame.rows() == [
        (NOON, "openai", Decimal("0.001"), 1, 2, 2, 0, 0.0),
        (after_noon(minutes=1), "azure", None, 2, 3, 2, 1, 0.5),
    ]


def test_many_providers_are_drawn_by_name_for_the_busiest_and_together_for_the_rest(ledger: Ledger) -> None:
    record(ledger, [Attempt(provider=f"p{number:02}") for number in range(12) for _ in range(12 - number)])
    record(ledger, [Attempt(provider=None)])

    frame = stats.providers_over_time(HOUR, ledger)

    assert sorted(frame["provider"].drop_nulls()) == [f"p{number:02}" for number in range(stats.SERIES)]
    assert frame.filter(pl.col("provider").is_null())["attempts"].to_list() == [4 + 3 + 2 + 1 + 1]


def test_latest_failovers_name_where_calls_went_and_why(ledger: Ledger) -> None:
    record(
        ledger,
        [
            failure(request=1, provider="azure", model="gpt-4o", error_kind="rate_limit", deployment_id="a"),
            failure(request=1, started_at=after_noon(seconds=1), provider="azure", model="gpt-4o", deployment_id="b"),
            Attempt(request=1, started_at=after_noon(seconds=2.5), provider="openai", model="o3", deployment_id="c"),
            failure(request=2, started_at=after_noon(minutes=1), error_kind=None, provider="azure"),
            failure(request=2, started_at=after_noon(minutes=2), provider="groq"),
            failure(request=3, deployment_id="a"),
            Attempt(request=3, started_at=after_noon(minutes=3), deployment_id="a"),
            Attempt(request=4, deployment_id="a"),
            Attempt(request=4, deployment_id="b"),
        ],
    )

    frame = stats.latest_failovers(HOUR, ledger=ledger)

    assert frame.rows() == [
        (after_noon(minutes=2), "chat", "azure / gpt-4o", "groq / gpt-4o", "unknown", 2, 60_000_000, "failure"),
        (after_noon(seconds=2.5), "chat", "azure / gpt-4o", "openai / o3", "rate_limit", 3, 2_500_000, "success"),
    ]
    assert stats.latest_failovers(HOUR, rows=1, ledger=ledger).height == 1


def test_top_models_by_cost_with_the_unpriced_last(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(model="cheap", litellm_cost_usd=Decimal("0.01")),
            Attempt(model="dear", litellm_cost_usd=Decimal(2)),
            Attempt(model="dear", litellm_cost_usd=None),
            Attempt(model="unknown", litellm_cost_usd=None, input_tokens=1000),
            failure(model="dear"),
        ],
    )

    frame = stats.top_models(HOUR, rows=3, ledger=ledger)

    assert frame.rows() == [
        ("openai", "dear", Decimal(2), 2, 1, 3, 30),
        ("openai", "cheap", Decimal("0.01"), 1, 0, 1, 15),
        ("openai", "unknown", None, 1, 1, 1, 1005),
    ]


def test_facets_are_the_most_frequent_and_bounded(ledger: Ledger) -> None:
    record(ledger, [Attempt(user_id=f"user{number}", end_user="everybody") for number in range(30)])

    assert stats.facets(HOUR.start, HOUR.end, 5, ledger)["users"] == ["everybody", "user0", "user1", "user10", "user11"]
    assert stats.facets(after_noon(hours=1), after_noon(hours=2), 5, ledger)["users"] == []


def test_freshness_is_of_the_newest_row_whatever_the_period(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON), Attempt(after_noon(days=3))])

    assert stats.freshness(ledger).newest_attempt_at == after_noon(days=3)


def test_a_value_from_outside_is_bound_and_never_read_as_sql(ledger: Ledger) -> None:
    nasty = "x'); DROP TABLE attempts; --"
    record(ledger, [Attempt(provider=nasty), Attempt()])

    now, _ = stats.totals(Filters(HOUR.start, HOUR.end, providers=(nasty,)), ledger)

    assert now.attempts == 1
    assert stats.totals(HOUR, ledger)[0].attempts == 2


def test_every_query_file_was_asked_here(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    find = sqlfiles.text

    def noting(name: str) -> str:
        asked.add(name.removeprefix("pages/"))
        return find(name)

    monkeypatch.setattr(sqlfiles, "text", noting)
    stats.totals(HOUR, ledger)
    stats.providers_over_time(HOUR, ledger)
    stats.latest_failovers(HOUR, ledger=ledger)
    stats.top_models(HOUR, ledger=ledger)
    stats.facets(HOUR.start, HOUR.end, ledger=ledger)
    stats.freshness(ledger)
    history.recorded_since(ledger)

    files = list((sqlfiles.root() / "pages").glob("*.sql"))
    assert asked == {file.stem for file in files}
    assert all(file.read_text(encoding="utf-8").split("\n")[0].startswith("-- ") for file in files)
    assert all("?" in file.read_text(encoding="utf-8").split("\n")[0] for file in files)
