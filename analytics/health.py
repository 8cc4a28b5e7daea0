"""Whether all is well: what is where, how far behind, what was lost or set aside, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from analytics.lake.files import LEVELS, settled_to
from analytics.places import loaded_files, place_problems, shadowed_packages, spool_bytes
from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.lake_file import open_lake
from scalix.store.ledger import damage_found
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from analytics.intake.ingest import IngestReport
    from scalix.folder import Folder
    from scalix.store.ledger import Ledger

LATELY_S = 24 * 3600
"""Losses older than this are reported, but no longer count as a problem."""
STALLED_S = 60
"""Without a reading of the spool for so long, the hub is not ingesting."""
BEHIND_BYTES = 256 * 2**20


@dataclass
class Progress:
    """What the hub's ingest has done since it started."""

    started_us: int = field(default_factory=now_us)
    last_ingest_us: int | None = None
    lag_bytes: int | None = None
    lines: int = 0
    attempts: int = 0

    def note(self, report: IngestReport) -> None:
        """Add one reading of the spool."""
        self.last_ingest_us = now_us()
        self.lag_bytes = report.lag_bytes
        self.lines += report.lines
        self.attempts += report.attempts_written + report.attempts_closed


@dataclass(frozen=True)
class Health:
    """The answer; every problem is a sentence that ends in what to do. Moments are microseconds since 1970."""

    hub_running: bool
    healthy: bool
    problems: list[str]
    folder: dict[str, str]
    spool: dict[str, Any]
    data: dict[str, Any]
    lake: dict[str, Any]
    jobs: list[dict[str, Any]]
    packages: dict[str, str | None]
    set_aside: list[str]
    """What was damaged and has been replaced; remove it once nobody wants to look into it."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def of_hub(ledger: Ledger, folder: Folder, progress: Progress) -> Health:
    """Health as the running hub sees it."""
    since: dict[str, object] = {"since_us": now_us() - LATELY_S * MICROSECONDS}
    data = ledger.read(sqlfiles.text("health/ledger"), since).to_dicts()[0]
    jobs = ledger.read(sqlfiles.text("jobs/latest_runs"), since).to_dicts()
    settled = settled_to(folder.lake, *LEVELS)
    lake = {"settled_seq": settled, "behind_rows": max((data["newest_seq"] or 0) - max(settled, 0), 0)}
    spool = {"bytes": spool_bytes(folder), "unread_bytes": progress.lag_bytes, **asdict(progress)}
    problems = [*_stalled(progress), *_damaged(folder), *_losses(data), *_failing(jobs), *_elsewhere(folder)]
    return Health(
        True, not problems, problems, _places(folder), spool, data, lake, jobs, loaded_files(), _set_aside(folder)
    )


def without_hub(folder: Folder, reason: str) -> Health:
    """Health from the lake and the files alone, while nothing ingests. ``reason`` says why the hub did not answer."""
    problems = [reason]
    data: dict[str, Any] = {}
    try:
        since = {"since_us": now_us() - LATELY_S * MICROSECONDS}
        with open_lake(folder.lake_views) as connection:
            data = connection.sql(sqlfiles.text("health/lake"), params=since).pl().to_dicts()[0]
    except StoreError as error:
        problems.append(str(error))
    problems += [*_losses(data), *_elsewhere(folder)]
    spool = {"bytes": spool_bytes(folder), "unread_bytes": None}
    lake = {"settled_seq": settled_to(folder.lake, *LEVELS)}
    return Health(False, False, problems, _places(folder), spool, data, lake, [], loaded_files(), _set_aside(folder))


def _places(folder: Folder) -> dict[str, str]:
    return {
        "root": str(folder.root),
        "spool": str(folder.spool),
        "archive": str(folder.archive),
        "ledger": str(folder.ledger),
        "lake": str(folder.lake_views),
    }


def _stalled(progress: Progress) -> list[str]:
    idle_s = (now_us() - (progress.last_ingest_us or progress.started_us)) / MICROSECONDS
    problems = []
    if idle_s > STALLED_S:
        problems.append(f"the spool was last read {idle_s:.0f} s ago: see the ingest job's error")
    if (progress.lag_bytes or 0) > BEHIND_BYTES:
        problems.append(f"{progress.lag_bytes} bytes of spool are not ingested yet: wait, or look at the disk's speed")
    return problems


def _damaged(folder: Folder) -> list[str]:
    found = damage_found(folder)
    return [f"the ledger is damaged ({found}): restart the hub, which rebuilds it"] if found else []


def _set_aside(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.root.glob("*.damaged-*"))


def _losses(data: dict[str, Any]) -> list[str]:
    problems = []
    if data.get("quarantined_lately"):
        problems.append(
            f"{data['quarantined_lately']} lines could not be read in the last day: "
            "the lake's view quarantine says which segments and why"
        )
    if data.get("dropped_lately"):
        problems.append(
            f"collectors dropped {data['dropped_lately']} events in the last day: "
            "the lake's view losses says which process; look at the disk of its spool"
        )
    return problems


def _failing(jobs: list[dict[str, Any]]) -> list[str]:
    return [
        f"job {job['job']} failed at its last run: {' '.join(job['error'].split())}" for job in jobs if job["error"]
    ]


def _elsewhere(folder: Folder) -> list[str]:
    return [*place_problems(folder), *shadowed_packages()]
