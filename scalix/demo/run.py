"""``scalix demo``: providers, history, hub and traffic, then the comparison; stays until it is interrupted."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from scalix.demo import child
from scalix.demo.catching_up import compare_when_caught_up, history_rate
from scalix.demo.freshness import FreshnessWatch
from scalix.demo.history.writing import write_history
from scalix.demo.providers.process import fake_providers
from scalix.demo.summary import Summary, success_rate, table
from scalix.errors import DemoError
from scalix.folder import Folder
from scalix.snapshot import Mode, write_mode
from scalix.store.ledger import make_private
from scalix.times import now, now_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.hub.address import HubAddress

DEFAULT_FOLDER = Path("demo-data")
MARK = "demo.json"
HISTORY_ENDS = timedelta(minutes=10)
HISTORY_REQUESTS = 50_000
TRAFFIC_REQUESTS = 1000
TRAFFIC_SECONDS = 25.0
ROUTED_PERCENT = 50
WHAT_TO_SEE = """[bold]{url}[/bold] shows it until you press Ctrl-C.
  Overview, last 30 days: an outage of OpenAI nine days ago and the failovers to Azure and Anthropic,
    a rate-limit storm at Anthropic 17 days ago, and the support bot's prompt cache failing
    from 6 to 3 days ago, which doubled the daily cost.
  Overview, last hour: the traffic that has just run, with its faults.
  Reliability, last 30 days: outage and storm as episodes, and where requests went then; slow answers
    of Gemini 4 days ago.
  Cost, last 30 days: what each model took; gpt-4.1-mini is a third dearer since 12 days ago.
  Routing, last hour: Scalix chose for half of the requests; what, why, and how that half fared.
  Budgets: scalix budget add all 50 --folder {folder}
  SQL for anybody: scalix sql --list, or duckdb -readonly {views}
"""


@dataclass(frozen=True)
class Size:
    """How much the demo does."""

    history_requests: int = HISTORY_REQUESTS
    traffic_requests: int = TRAFFIC_REQUESTS
    traffic_seconds: float = TRAFFIC_SECONDS


def run_demo(once: bool, json_output: bool, folder: Path | None, port: int | None, size: Size | None = None) -> int:
    """Runs the demo and gives its exit status: 0 when both sides agree, else 1. Raises DemoError when it cannot run.

    Without a folder, ``--once`` works in a temporary one and a demo that stays in ``./demo-data``.
    """
    console = Console(stderr=True)
    # Asked to end, it ends its children too, as it does when interrupted.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _folder(folder, once=once) as chosen, ExitStack() as stack:
        address, summary = _play(chosen, port, size or Size(), console, stack)
        if json_output:
            sys.stdout.write(json.dumps(summary.as_json()) + "\n")
            sys.stdout.flush()
        else:
            Console().print(table(summary))
        for example in summary.comparison.examples:
            console.print(example, style="red", markup=False)
        if not once:
            _stay(console, address, chosen)
    return 0 if summary.agrees else 1


def _play(
    folder: Folder, port: int | None, size: Size, console: Console, stack: ExitStack
) -> tuple[HubAddress, Summary]:
    begun = time.monotonic()
    with console.status("Starting the hub …") as status:
        log = folder.root / "hub.log"
        process = stack.enter_context(child.hub(folder, child.free_port() if port is None else port, log))
        status.update("Writing a month of history …")
        events = _write_history_once(folder, size.history_requests)
        address = child.wait_for_hub(folder, process, log)
        status.update(f"The hub takes in {events:,} events …")
        rate = history_rate(address, events)
        status.update(f"Making {size.traffic_requests:,} requests through LiteLLM, with faults …")
        since_us = now_us()
        write_mode(folder.snapshot, Mode(mode="canary", canary_percent=ROUTED_PERCENT, since_us=since_us))
        with FreshnessWatch(folder, since_us) as watch:
            _make_traffic(folder, size)
            status.update("Comparing …")
            comparison, trouble, attempts = compare_when_caught_up(folder, since_us)
    requests, rate_of_success = success_rate(attempts)
    return address, Summary(
        comparison=comparison,
        trouble=trouble,
        requests=requests,
        request_success_rate=rate_of_success,
        history_events=events,
        ingest_events_per_second=rate,
        freshness_p50_seconds=watch.percentile_s(0.5),
        freshness_p99_seconds=watch.percentile_s(0.99),
        seconds=time.monotonic() - begun,
    )


def _write_history_once(folder: Folder, requests: int) -> int:
    """Writes the history beside the spool and moves it there whole; a folder that was played in before has it."""
    mark = folder.root / MARK
    if mark.exists():
        return 0
    drafts = folder.root / "history"
    events = write_history(drafts, now() - HISTORY_ENDS, requests=requests)
    make_private(folder.spool)
    for draft in drafts.iterdir():
        draft.rename(folder.spool / draft.name)
    drafts.rmdir()
    mark.write_text(json.dumps({"history_events": events}))
    return events


def _make_traffic(folder: Folder, size: Size) -> None:
    """The providers end with the traffic, so that their logs are complete when they are read."""
    with fake_providers(folder.root / "providers") as providers:
        child.run_traffic(
            folder,
            providers.url,
            requests=size.traffic_requests,
            seconds=size.traffic_seconds,
            log=folder.root / "traffic.log",
        )


@contextmanager
def _folder(given: Path | None, *, once: bool) -> Iterator[Folder]:
    if given is None and once:
        with tempfile.TemporaryDirectory(prefix="scalix-demo-", ignore_cleanup_errors=True) as temporary:
            yield Folder(Path(temporary))
        return
    folder = Folder((given or DEFAULT_FOLDER).expanduser().resolve())
    if folder.ledger.exists() and not (folder.root / MARK).exists():
        raise DemoError(f"{folder.root} holds a real installation; name another folder with --folder")
    make_private(folder.root)
    yield folder


def _stay(console: Console, address: HubAddress, folder: Folder) -> None:
    console.print(WHAT_TO_SEE.format(url=address.url, views=folder.lake_views, folder=folder.root), soft_wrap=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Stopping.")
