"""Attempts for tests of the read side: a row with defaults, and how rows get into a real ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

import polars as pl

from analytics.filters import Filters
from analytics.rollups.declared import ROLLUPS
from analytics.rollups.refresh import refresh_rollups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalix.store.ledger import Ledger

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)


def after_noon(**length: float) -> datetime:
    """A moment before or after the noon that tests revolve around."""
    return NOON + timedelta(**length)


@dataclass(frozen=True)
class Attempt:
    """One row of ``attempts``; by default a priced success that is a request of its own."""

    started_at: datetime = NOON
    request: int | None = None
    """Attempts of the same number belong to one request."""
    provider: str | None = "openai"
    model: str | None = "gpt-4o"
    model_group: str | None = "chat"
    deployment_id: str | None = None
    upstream: bool | None = True
    status: str = "success"
    error_kind: str | None = None
    latency_us: int | None = 1_000_000
    ttft_us: int | None = None
    input_tokens: int | None = 10
    cache_read_tokens: int | None = None
    output_tokens: int | None = 5
    reasoning_tokens: int | None = None
    litellm_cost_usd: Decimal | None = Decimal("0.001")
    provider_cost_usd: Decimal | None = None
    user_id: str | None = None
    end_user: str | None = None
    team_id: str | None = None
    team_alias: str | None = None
    key_hash: str | None = None
    key_alias: str | None = None
    metadata: str | None = None
    high_cost_usd: Decimal | None = None
    """The most that a call which broke off can have cost."""
    tags: tuple[str, ...] | None = None


def failure(**columns: object) -> Attempt:
    """An attempt that the provider failed: no tokens, no cost."""
    defaults: dict[str, object] = {
        "status": "failure",
        "error_kind": "server",
        "input_tokens": None,
        "output_tokens": None,
        "litellm_cost_usd": None,
    }
    return Attempt(**{**defaults, **columns})  # type: ignore[arg-type]  # keyword arguments by name


def record(ledger: Ledger, attempts: Iterable[Attempt]) -> None:
    """Write the attempts into the ledger."""
    rows = [_row(attempt) for attempt in attempts]
    if not rows:
        return
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    with ledger.transaction() as cursor:
        cursor.register("rows", frame)
        cursor.execute("INSERT INTO attempts BY NAME SELECT * FROM rows").fetchall()
        cursor.unregister("rows")


def rolled_up(ledger: Ledger, *attempts: Attempt) -> None:
    """Write the attempts into the ledger, and bring its rollups up to them."""
    record(ledger, attempts)
    refresh_rollups(ledger, now_us=0)


def around(**choices: tuple[str, ...]) -> Filters:
    """Three hours before and after that noon."""
    return Filters(NOON - timedelta(hours=3), NOON + timedelta(hours=3), **choices)


def reprice(ledger: Ledger, seqs: Iterable[int], cost_usd: Decimal) -> None:
    """Give rows an adjusted cost the way repricings do: a new row takes the place of each."""
    changed = pl.DataFrame(
        [{"old_seq": seq, "new_seq": next(_numbers), "cost_usd": cost_usd} for seq in seqs],
        schema={"old_seq": pl.Int64, "new_seq": pl.Int64, "cost_usd": _MONEY},
    )
    with ledger.transaction() as cursor:
        cursor.register("changed", changed)
        cursor.execute(
            "INSERT INTO attempts BY NAME SELECT a.* REPLACE (c.new_seq AS seq, c.cost_usd AS adjusted_usd) "
            "FROM attempts AS a JOIN changed AS c ON a.seq = c.old_seq"
        ).fetchall()
        cursor.execute("DELETE FROM attempts WHERE seq IN (SELECT old_seq FROM changed)").fetchall()
        cursor.unregister("changed")


def forget(ledger: Ledger) -> None:
    """Empty the ledger of attempts and of what was rolled up of them."""
    with ledger.transaction() as cursor:
        for table in ("attempts", "rollup_fills", *(one.table(grain) for one in ROLLUPS for grain in one.grains)):
            cursor.execute(f"DELETE FROM {table}").fetchall()


_MONEY = pl.Decimal(18, 12)
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "seq": pl.Int64,
    "started_at": pl.Datetime("us", "UTC"),
    "call_id": pl.String,
    "trace_id": pl.String,
    "provider": pl.String,
    "model": pl.String,
    "model_group": pl.String,
    "deployment_id": pl.String,
    "upstream": pl.Boolean,
    "status": pl.String,
    "error_kind": pl.String,
    "latency_us": pl.Int64,
    "ttft_us": pl.Int64,
    "input_tokens": pl.Int64,
    "cache_read_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "reasoning_tokens": pl.Int64,
    "litellm_cost_usd": _MONEY,
    "provider_cost_usd": _MONEY,
    "user_id": pl.String,
    "end_user": pl.String,
    "team_id": pl.String,
    "team_alias": pl.String,
    "key_hash": pl.String,
    "key_alias": pl.String,
    "metadata": pl.String,
    "high_cost_usd": _MONEY,
    "tags": pl.List(pl.String),
}


def _row(attempt: Attempt) -> dict[str, object]:
    columns = asdict(attempt)
    request = columns.pop("request")
    number = next(_numbers)
    return {
        **columns,
        "tags": None if attempt.tags is None else list(attempt.tags),
        "seq": number,
        "call_id": str(UUID(int=number)),
        "trace_id": None if request is None else str(UUID(int=2**96 + request)),
    }
