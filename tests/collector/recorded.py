"""What a test caused, on both sides: what the provider was asked, and what the collector wrote down of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.collector.conftest import attempts, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider, Hit


class Recorded:
    """Everything from a moment on."""

    def __init__(self, provider: FakeProvider, spool: Path) -> None:
        self.provider = provider
        self.spool = spool
        self.begin()

    def begin(self) -> None:
        """From here on counts what the next test causes."""
        self.start = time.time_ns() // 1000
        self.first_hit = len(self.provider.hits)

    @property
    def hits(self) -> list[Hit]:
        return self.provider.hits[self.first_hit :]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for row in attempts(self.spool) if row["started_us"] >= self.start]

    def expect(self, *statuses: str) -> list[dict[str, Any]]:
        """Wait for attempts of these statuses in this order, as many as the provider saw; tokens must agree."""
        try:
            until(lambda: self.settled(self.rows, statuses), 10)
        except AssertionError:
            shown = [(row["status"], sorted(row["kinds"]), row.get("error_kind")) for row in self.rows]
            pytest.fail(f"expected {statuses}, found {shown}, provider saw {len(self.hits)}")
        rows = self.rows
        upstream = [row for row in rows if row.get("upstream")]
        assert len(upstream) == len(self.hits)
        for row, hit in zip(upstream, self.hits, strict=True):
            check_tokens(row, hit)
        return rows

    def settled(self, rows: list[dict[str, Any]], statuses: tuple[str, ...]) -> bool:
        """Whether nothing more is to come."""
        return [row["status"] for row in rows] == list(statuses)


def check_tokens(row: dict[str, Any], hit: Hit) -> None:
    """Equal where the provider told them, inside the bounds where the call broke off before it did."""
    given = row.get("input_tokens", 0) + row.get("cache_read_tokens", 0)
    produced = row.get("output_tokens", 0) + row.get("reasoning_tokens", 0)
    if row["status"] == "success":
        assert row["tokens_source"] == "reported"
        assert (given, produced) == (hit.usage["input"], hit.usage["output"])
    elif row["status"] in {"abandoned", "cancelled"}:
        assert row["input_tokens_high"] >= hit.usage["input"]
        assert row["output_tokens_high"] >= hit.usage["output"]
