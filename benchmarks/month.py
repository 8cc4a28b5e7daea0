"""A month of history for benchmarks: one day is written and rolled up as the hub does it, then repeated in SQL.

So a ledger of 100 million attempts with all its rollups takes minutes, and each rollup is what the hub would have made.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import track

from analytics.rollups.declared import RELIABILITY, ROLLUPS
from analytics.rollups.refresh import refresh_rollups
from scalix.times import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from scalix.store.ledger import Ledger

DAYS = 30
BATCH = 2_000_000
FILL = Path(__file__).with_name("month.sql")
COPY_ATTEMPTS = """
INSERT INTO attempts BY NAME
SELECT * REPLACE (
    seq + $day * $rows AS seq,
    started_at + to_days(CAST($day AS INTEGER)) AS started_at,
    md5('call' || (seq + $day * $rows))::UUID AS call_id,
    md5('request' || ($day * $rows + seq - if(seq % 20 = 1, 1, 0)))::UUID AS trace_id
)
FROM attempts
WHERE seq < $rows
"""
COPY_BUCKETS = """
INSERT INTO {table} BY NAME
SELECT t.* REPLACE (bucket_at + to_days(CAST(day AS INTEGER)) AS bucket_at)
FROM {table} AS t, range(1, $days) AS days (day)
"""


def fill_month(ledger: Ledger, attempts: int, until: datetime) -> float:
    """Fill an empty ledger with so many attempts over the ``DAYS`` whole days before this one.

    Returns how many seconds it took to roll up the first day by provider, model, group and deployment.
    """
    rows = attempts // DAYS
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    fill_span(ledger, 0, rows, midnight - timedelta(days=DAYS), timedelta(days=1))
    began = time.perf_counter()
    refresh_rollups(ledger, now_us=to_us(until), rollups=(RELIABILITY,))
    taken = time.perf_counter() - began
    refresh_rollups(ledger, now_us=to_us(until))
    for day in track(range(1, DAYS), f"{attempts:,} attempts"):
        with ledger.transaction() as cursor:
            cursor.execute(COPY_ATTEMPTS, {"day": day, "rows": rows}).fetchall()
    with ledger.transaction() as cursor:
        for table in (rollup.table(grain) for rollup in ROLLUPS for grain in rollup.grains):
            cursor.execute(COPY_BUCKETS.replace("{table}", table), {"days": DAYS}).fetchall()
        cursor.execute("UPDATE rollup_fills SET last_seq = $last", {"last": rows * DAYS - 1}).fetchall()
    with ledger.cursor() as cursor:
        cursor.execute("CHECKPOINT").fetchall()
    return taken


def fill_span(ledger: Ledger, first: int, rows: int, start: datetime, length: timedelta) -> None:
    """Write so many attempts, numbered from ``first`` on and spread evenly over a span."""
    sql = FILL.read_text(encoding="utf-8")
    step_us = length // timedelta(microseconds=1) // rows
    for begin in range(first, first + rows, BATCH):
        bound: dict[str, object] = {
            "first": begin,
            "last": min(begin + BATCH, first + rows),
            "start": start + (begin - first) * timedelta(microseconds=step_us),
            "step_us": step_us,
        }
        with ledger.transaction() as cursor:
            cursor.execute(sql, bound).fetchall()
