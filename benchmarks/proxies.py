"""Proxies under test as processes of their own: started, waited for, measured and stopped."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S = 120
STOP_S = 30


@dataclass
class Proxy:
    """One proxy under test, the keys to call it with, and how long it took to answer for the first time."""

    name: str
    base: str
    keys: list[str]
    process: subprocess.Popen[bytes]
    started_s: float

    @property
    def port(self) -> int:
        return int(self.base.rsplit(":", 1)[1])

    def memory_mb(self) -> list[float]:
        """Memory of each of its processes; what several share is counted once, in equal parts."""
        return [_pss_mb(pid) for pid in (self.process.pid, *_children(self.process.pid))]


def _pss_mb(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, listed) for one in (child, *_children(child))]


@contextmanager
def running(
    name: str, command: list[str], folder: Path, *, base: str | None = None, **variables: str
) -> Iterator[Proxy]:
    """A proxy, ready; its address, if not given, is read from what it prints."""
    log = folder / f"{name}.log"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], env={**os.environ, **variables}, stdout=output, stderr=output
        )
    try:
        found = _first_answer(process, log, base, began)
        yield Proxy(name, found, [], process, time.monotonic() - began)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _first_answer(process: subprocess.Popen[bytes], log: Path, base: str | None, began: float) -> str:
    while time.monotonic() - began < START_S:
        assert process.poll() is None, log.read_text()[-2000:]
        found = re.search(r"(http://127\.0\.0\.1:\d+)", base or log.read_text(errors="replace"))
        try:
            if found and httpx.get(f"{found[1]}/health/readiness", timeout=2).status_code == 200:
                return found[1]
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready after {START_S} s: {log.read_text()[-2000:]}")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
