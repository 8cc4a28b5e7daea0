"""Rollups say what the attempts say, to the last digit, however and in whatever order those came in."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.rollups import refresh
from analytics.rollups.bins import quantile
from analytics.rollups.declared import GRAINS, RELIABILITY, ROLLUPS
from analytics.rollups.refresh import refresh_rollups
from scalix.errors import StoreError
from scalix.folder import Folder
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger
from scalix.times import EPOCH
from tests.attempt_rows import NOON, Attempt, failure, forget, record
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW_US = 1_795_400_000_000_000
ALL_TABLES = [rollup.table(grain) for rollup in ROLLUPS for grain in rollup.grains]
costs = st.none() | st.decimals(Decimal(0), Decimal(99999), places=12)
attempts = st.lists(
    st.builds(
        Attempt,
        started_at=(st.integers(-4 * 86_400_000_000, 10**9) | st.integers(-90 * 60 * 10**6, 10**9)).map(
            lambda us: NOON + timedelta(microseconds=us)
        ),
        provider=st.none() | st.sampled_from(["openai", "azure"]),
        request=st.none() | st.integers(1, 3),
        deployment_id=st.none() | st.sampled_from(["a", "b"]),
        status=st.sampled_from(["success", "success", "failure", "cancelled"]),
        error_kind=st.sampled_from([None, "server", "bad_request"]),
        upstream=st.sampled_from([None, True, False]),
        latency_us=st.none() | st.integers(0, 10**9),
        ttft_us=st.none() | st.integers(0, 10**6),
        input_tokens=st.none() | st.integers(0, 10**9),
        litellm_cost_usd=costs,
        tags=st.none() | st.sampled_from([("x",), ("x", "y")]),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("rollups")))
    yield opened
    opened.close()


def contents(ledger: Ledger) -> dict[str, list[Any]]:
    return {table: ledger.read(f"SELECT * FROM {table} ORDER BY ALL").rows() for table in ALL_TABLES}


@pytest.mark.soak
@settings(max_examples=at_length(8, 200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts, st.randoms(use_true_random=False))
def test_any_order_and_any_steps_give_the_sums_of_the_raw_rows(ledger: Ledger, rows: list[Attempt], rng: Any) -> None:
    forget(ledger)
    record(ledger, rows)
    refresh_rollups(ledger, now_us=NOW_US)
    at_once = contents(ledger)
    for grain in RELIABILITY.grains:
        plain = ledger.read(
            sqlfiles.text("rollups/plain"), {"width_us": GRAINS[grain], "start": EPOCH, "end": NOON + timedelta(days=9)}
        )
        names = ", ".join(plain.columns)
        rolled = ledger.read(f"SELECT {names} FROM {RELIABILITY.table(grain)} ORDER BY ALL")
        assert rolled.rows() == plain.rows()

    forget(ledger)
    shuffled = list(rows)
    rng.shuffle(shuffled)
    for part in (shuffled[::2], shuffled[1::2]):
        record(ledger, part)
        refresh_rollups(ledger, now_us=NOW_US)
    assert contents(ledger) == at_once


def test_a_step_ends_anywhere_and_the_next_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON + timedelta(seconds=30 * number)) for number in range(50)])
    refresh_rollups(ledger, now_us=NOW_US)
    whole = contents(ledger)
    with ledger.transaction() as cursor:
        for table in (*ALL_TABLES, "rollup_fills"):
            cursor.execute(f"DELETE FROM {table}").fetchall()
    monkeypatch.setattr(refresh, "STEP_ROWS", 7)
    refresh_rollups(ledger, now_us=NOW_US)
    assert contents(ledger) == whole
    assert refresh_rollups(ledger, now_us=NOW_US) == 0


def test_a_step_that_fails_leaves_nothing_behind(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(ledger)
    record(ledger, [failure(request=1, deployment_id="a"), Attempt(request=1, deployment_id="b")])
    monkeypatch.setattr(refresh, "from_buckets", lambda *_: (_ for _ in ()).throw(StoreError("the disk is full")))
    with pytest.raises(StoreError, match="disk is full"):
        refresh_rollups(ledger, now_us=NOW_US)
    monkeypatch.undo()
    assert not any(contents(ledger).values())
    refresh_rollups(ledger, now_us=NOW_US)
    assert all(contents(ledger).values())


def test_a_replaced_attempt_opens_its_buckets_again(ledger: Ledger) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON), Attempt(NOON + timedelta(hours=2))])
    refresh_rollups(ledger, now_us=NOW_US)
    with ledger.transaction() as cursor:
        cursor.execute(
            "UPDATE attempts SET seq = (SELECT max(seq) + 1 FROM attempts), status = 'failure', error_kind = 'server' "
            "WHERE started_at = ?",
            [NOON],
        ).fetchall()
    assert refresh_rollups(ledger, now_us=NOW_US) == len(ROLLUPS)
    found = ledger.read("SELECT succeeded, failed, errors FROM reliability_hour ORDER BY bucket_at").rows()
    assert found == [(0, 1, [{"kind": "server", "count": 1}]), (1, 0, None)]


def test_a_replaced_attempt_that_turns_out_another_s_leaves_nothing_under_its_old_keys(ledger: Ledger) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON, deployment_id="a"), Attempt(NOON, deployment_id="b")])
    refresh_rollups(ledger, now_us=NOW_US)
    with ledger.transaction() as cursor:
        cursor.execute(
            "UPDATE attempts SET seq = (SELECT max(seq) + 1 FROM attempts), deployment_id = 'c' "
            "WHERE deployment_id = 'a'"
        ).fetchall()
    refresh_rollups(ledger, now_us=NOW_US)
    for table in ("reliability_minute", "reliability_hour", "reliability_day", "spend_hour", "spend_day"):
        found = ledger.read(f"SELECT deployment_id, attempts FROM {table} ORDER BY ALL").rows()
        assert found == [("b", 1), ("c", 1)], table


def test_what_does_not_change_is_not_written_again(ledger: Ledger) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON, deployment_id="a"), Attempt(NOON, deployment_id="b")])
    refresh_rollups(ledger, now_us=NOW_US)
    places = {table: _place_of_a(ledger, table) for table in ("reliability_minute", "spend_hour", "spend_day")}
    record(ledger, [Attempt(NOON, deployment_id="b")])
    refresh_rollups(ledger, now_us=NOW_US)
    assert {table: _place_of_a(ledger, table) for table in places} == places


def _place_of_a(ledger: Ledger, table: str) -> list[tuple[int]]:
    return ledger.read(f"SELECT rowid FROM {table} WHERE deployment_id = 'a'").rows()


def test_what_is_streamed_and_failed_is_told_apart(ledger: Ledger) -> None:
    forget(ledger)
    streamed = Attempt(latency_us=1_100_000, ttft_us=100_000, output_tokens=11)
    broken = failure(ttft_us=50_000, litellm_cost_usd=None, provider_cost_usd=Decimal("0.25"))
    record(ledger, [streamed, broken, failure(error_kind=None), failure(upstream=False, error_kind="rejected")])
    refresh_rollups(ledger, now_us=NOW_US)
    (row,) = ledger.read("SELECT * FROM reliability_day").to_dicts()
    assert (row["attempts"], row["succeeded"], row["failed"], row["rejected"]) == (3, 1, 2, 1)
    assert row["errors"] == [{"kind": "server", "count": 1}, {"kind": "unknown", "count": 1}]
    assert (row["wasted_usd"], row["ttft_count"]) == (Decimal("0.25"), 2)
    per_token = Counter({item["bin"]: item["count"] for item in row["output_token_histogram"]})
    assert quantile(per_token, 0.5) == pytest.approx(100_000, rel=0.01)
    speed = Counter({item["bin"]: item["count"] for item in row["speed_histogram"]})
    assert quantile(speed, 0.5) == pytest.approx(10_000, rel=0.01)
