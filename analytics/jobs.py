"""The job ledger: what ran, when, for how long, over how many rows, and what went wrong.

Work goes by slot, not by tick: a slot is claimed in the control store, and done once its run stands in the ledger. Jobs
that run every second would fill the ledger with themselves, so their runs are summed up by the minute; a failed run
is always written at once.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from polars.exceptions import PolarsError

from scalix.errors import ScalixError
from scalix.store import sqlfiles
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger

SUMMARY_US = 60 * MICROSECONDS
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something the hub does regularly. ``run`` returns how many rows or files it dealt with."""

    name: str
    every_s: float
    run: Callable[[], int]
    summarised: bool = False
    """Runs so often that the ledger gets one row a minute."""


@dataclass(frozen=True)
class Run:
    """One row of the job ledger: a run, or a minute of runs."""

    job: str
    slot_us: int
    started_us: int
    duration_us: int
    affected: int
    error: str | None = None


@dataclass
class JobLedger:
    """Runs jobs and writes down what became of them. ``owner`` is the hub in whose name slots are claimed."""

    ledger: Ledger
    control: ControlStore
    owner: str
    _minutes: dict[str, Run] = field(default_factory=dict)
    _last_errors: dict[str, str | None] = field(default_factory=dict)

    def run(self, job: Job) -> None:
        """Run a job in its slot, unless somebody else has claimed it. Errors are logged and written, never raised."""
        started_us = now_us()
        slot_us = _slot(started_us, SUMMARY_US if job.summarised else int(job.every_s * MICROSECONDS))
        if not job.summarised and not self._claimed(job, slot_us, started_us):
            return
        begun = time.monotonic_ns()
        affected, error = _outcome(job)
        run = Run(job.name, slot_us, started_us, (time.monotonic_ns() - begun) // 1000, affected, error)
        if job.summarised and error is None:
            self._sum_up(run)
        else:
            self._write(run)

    def finish(self) -> None:
        """Write the minutes that are not full yet."""
        for name in list(self._minutes):
            self._write(self._minutes.pop(name))

    def _claimed(self, job: Job, slot_us: int, started_us: int) -> bool:
        """A control store out of order does not stop the work: at worst it is done twice, which changes nothing."""
        try:
            return self.control.claim(job.name, slot_us, owner=self.owner, now_us=started_us)
        except ScalixError as error:
            _log.error("%s", error)
            return True

    def _sum_up(self, run: Run) -> None:
        minute = self._minutes.get(run.job)
        if minute is None or minute.slot_us != run.slot_us:
            self._minutes[run.job] = run
            if minute is not None:
                self._write(minute)
            return
        self._minutes[run.job] = replace(
            minute,
            duration_us=minute.duration_us + run.duration_us,
            affected=minute.affected + run.affected,
        )

    def _write(self, run: Run) -> None:
        if run.error is not None and run.error != self._last_errors.get(run.job):
            _log.error("job %s failed: %s", run.job, run.error)
        self._last_errors[run.job] = run.error
        try:
            with self.ledger.transaction() as cursor:
                cursor.execute(sqlfiles.text("jobs/insert_run"), asdict(run)).fetchall()
        except ScalixError as failure:
            _log.error("the run of %s cannot be written down: %s", run.job, failure)


def _outcome(job: Job) -> tuple[int, str | None]:
    try:
        return job.run(), None
    except (ScalixError, OSError, PolarsError) as error:
        return 0, f"{type(error).__name__}: {error}"


def _slot(moment_us: int, width_us: int) -> int:
    return moment_us - moment_us % width_us
