"""What the collector's tests share: a provider on loopback, a spool of their own, and reading back what was written."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scalix.events import payload_of
from tests.collector.fake_provider import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def provider() -> Iterator[FakeProvider]:
    """A provider that counts what it is asked."""
    fake = FakeProvider()
    yield fake
    fake.close()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """A folder for segments; it need not exist."""
    return tmp_path / "spool"


def events(spool: Path, *kinds: str) -> list[dict[str, Any]]:
    """Every event on the spool, in order within each segment, read the way a reader has to: whole good lines only."""
    found = []
    for segment in sorted(spool.glob("*.seg")):
        try:
            written = segment.read_bytes()
        except FileNotFoundError:  # a hub has read it and put it away
            continue
        for line in written.split(b"\n"):
            try:
                event = json.loads(payload_of(line))
            except ValueError:
                continue
            if not kinds or event["kind"] in kinds:
                found.append(event)
    return found


def attempts(spool: Path) -> list[dict[str, Any]]:
    """A small reference fold: one dictionary per attempt, with its status, in order of start."""
    order = ("opened", "failed", "answered", "streamed", "failure", "success")
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for event in sorted(events(spool, *order), key=lambda e: (order.index(e["kind"]), -e["at_us"])):
        row = rows.setdefault((event["call_id"], event["started_us"]), {"kinds": set()})
        row["kinds"].add(event["kind"])
        row.update({name: value for name, value in event.items() if name != "kind"})
    for row in rows.values():
        row["status"] = _status(row)
    return sorted(rows.values(), key=lambda row: row["started_us"])


def _status(row: dict[str, Any]) -> str:
    kinds, kind = row["kinds"], row.get("error_kind")
    if "success" in kinds:
        return "cancelled" if kind in {"cancelled", "client_disconnect"} else "success"
    if kinds & {"failure", "failed"}:
        return "cancelled" if kind in {"cancelled", "client_disconnect"} else "failure"
    if "streamed" in kinds or ("answered" in kinds and not row.get("streaming")):
        return "success"
    return "abandoned" if row.get("streaming") else "cancelled"


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def environment(spool: Path, **more: str) -> dict[str, str]:
    """The environment of a child process that writes to ``spool`` and finds this checkout."""
    here = {"SCALIX_SPOOL": str(spool), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **here, **more}


PYTHON = sys.executable
