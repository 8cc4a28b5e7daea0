"""What the hub does beside serving: reading the spool, publishing the lake, keeping itself in order."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from analytics.access.booking import book_charges
from analytics.alerts.delivery import Courier, forget_old
from analytics.alerts.engine import Engine, watch_budgets
from analytics.asking import desk
from analytics.backup.control import keep_copy
from analytics.backup.schedule import back_up_when_due
from analytics.exports.sending import send_new
from analytics.findings import check
from analytics.intake.ingest import ingest_once
from analytics.intake.options import IngestOptions
from analytics.integrity.ledger import read_all
from analytics.jobs import Job, JobLedger
from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.states import publish_episodes, publish_objectives, publish_states
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.pricing.adjusting import book_repricings
from analytics.pricing.refresh import refresh
from analytics.retention.keeping import Keeping, aged_files, retain
from analytics.rollout import watch_canary
from analytics.rollups.refresh import refresh_rollups
from analytics.snapshots import limits, publish
from scalix.times import now, now_us

if TYPE_CHECKING:
    from analytics.budgets.state import BudgetState
    from analytics.health import Progress
    from scalix.folder import Folder
    from scalix.settings import Settings
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger

THREADS = ("ingest", "lake", "rollups", "budgets", "alerts", "delivery", "upkeep", "backup", "otlp")
"""What runs beside each other; jobs of one thread take turns."""
LAKE_TICK_S = 0.1
TENS_OF_A_PART = 6
TABLES_S = 10.0
LAKE_ROLLUPS_S = 10.0
LAKE_ROLLUPS_REST = 20
"""Between two publications of the rollups passes so many times what one takes."""
CHECKPOINT_S = 300.0
PRICES_S = 3600.0
REPRICING_S = 1.0
ROLLUPS_S = 10.0
BUDGETS_S = 1.0
CHARGES_S = 2.0
NEAR_BYTES = 256 * 1024
"""Less spool than this is read within a second or so."""
ALERTS_S = 5.0
FORGET_S = 6 * 3600.0
DELIVERY_S = 0.5
SNAPSHOT_S = 2.0
CANARY_S = 10.0
QUALITY_S = 300.0
CONTROL_COPY_S = 15.0
BACKUP_TICK_S = 60.0
LEDGER_CHECK_S = 86400.0
RETENTION_S = 3600.0
_log = logging.getLogger(__name__)


@dataclass
class Work:
    """The hub's jobs. Ingest and the lake have a thread each; neither ever runs twice at once."""

    ledger: Ledger
    control: ControlStore
    folder: Folder
    settings: Settings
    progress: Progress
    owner: str
    _stopping: threading.Event = field(default_factory=threading.Event)
    _every_s: dict[str, float] = field(default_factory=dict)
    _states: list[BudgetState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rollups_due = 0.0
        self._courier = Courier(self.control, self.settings.allow_private_webhooks)
        self._engine = Engine(self.control, self.ledger, desk.frame, self._every_s)
        self._jobs = JobLedger(self.ledger, self.control, self.owner)
        self._lake = Lake(
            self.ledger,
            self.folder.lake,
            LakeOptions(
                tail_s=self.settings.lake_tail_s,
                ten_s=min(LakeOptions.ten_s, self.settings.lake_part_s / TENS_OF_A_PART),
                part_s=self.settings.lake_part_s,
                grace_s=self.settings.lake_grace_s,
            ),
        )
        self._options = IngestOptions(
            close_open_after_s=self.settings.close_open_after_s, archive_bytes=self.settings.archive_max_bytes
        )
        # A late tick is made good and a burst of them becomes one; work goes by what is due, so none is lost.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(1) for name in THREADS},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Bring the price book up to date, make the lake readable, then start all jobs."""
        self._jobs.run(Job("prices", PRICES_S, self.refresh_prices, summarised=True))
        self._lake.start()
        publish_tables(self.ledger, self.folder)
        publish_rollups(self.ledger, self.folder)
        self.publish_states()
        self._publish_reliability()
        write_views(self.folder)
        # A job that takes longer than its interval skips ticks by design; APScheduler would warn of each.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._add(Job("ingest", self.settings.ingest_interval_s, self.ingest, summarised=True), "ingest")
        self._add(Job("repricing", REPRICING_S, self.book_repricings, summarised=True), "ingest")
        self._add(Job("lake", LAKE_TICK_S, self._lake.tick, summarised=True), "lake")
        self._add(Job("lake_tables", TABLES_S, self.publish_tables, summarised=True), "rollups")
        self._add(Job("lake_states", TABLES_S, self.publish_states, summarised=True), "budgets")
        self._add(Job("lake_rollups", LAKE_ROLLUPS_S, self.publish_rollups, summarised=True), "rollups")
        self._add(Job("rollups", ROLLUPS_S, self.refresh_rollups, summarised=True), "rollups")
        self._add(Job("budgets", BUDGETS_S, self.watch_budgets, summarised=True), "budgets")
        self._add(Job("snapshot", SNAPSHOT_S, self.publish_snapshot, summarised=True), "budgets")
        self._add(Job("canary", CANARY_S, self.watch_canary, summarised=True), "alerts")
        self._add(Job("gateway_charges", CHARGES_S, self.book_charges, summarised=True), "budgets")
        self._add(Job("alerts", ALERTS_S, self.watch_rest, summarised=True), "alerts")
        self._add(Job("forget_alerts", FORGET_S, self.forget_alerts, summarised=True), "upkeep")
        self._add(Job("delivery", DELIVERY_S, self.deliver, summarised=True), "delivery")
        self._add(Job("quality", QUALITY_S, self.check_quality), "upkeep", at_once=True)
        self._add(Job("retention", RETENTION_S, self.retain), "lake")
        self._add(Job("checkpoint", CHECKPOINT_S, self.checkpoint), "upkeep")
        self._add(Job("prices", PRICES_S, self.refresh_prices, summarised=True), "upkeep")
        self._add(Job("ledger_check", LEDGER_CHECK_S, self.check_ledger), "backup", at_once=True)
        self._add(Job("otlp", self.settings.otlp_interval_s, self.send_otlp, summarised=True), "otlp")
        self._add(Job("control_copy", CONTROL_COPY_S, self.copy_control, summarised=True), "upkeep")
        self._add(Job("backup", BACKUP_TICK_S, self.back_up, summarised=True), "backup", at_once=True)
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs end, then take in and publish what there still is."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        self._courier.close()
        self._stopping.clear()
        for job in (
            Job("ingest", self.settings.ingest_interval_s, self.ingest, summarised=True),
            Job("rollups", ROLLUPS_S, self.refresh_rollups, summarised=True),
            Job("lake", LAKE_TICK_S, self.publish_rest, summarised=True),
            Job("lake_tables", TABLES_S, self.publish_tables, summarised=True),
            Job("control_copy", CONTROL_COPY_S, self.copy_control, summarised=True),
            Job("lake_rollups", LAKE_ROLLUPS_S, lambda: publish_rollups(self.ledger, self.folder), summarised=True),
        ):
            self._jobs.run(job)
        self._jobs.finish()

    def ingest(self) -> int:
        """Read the spool until nothing is left, or the hub stops. Returns the lines read."""
        lines = 0
        while True:
            report = ingest_once(self.ledger, self.folder, now_us=now_us(), options=self._options)
            self.progress.note(report)
            lines += report.lines
            if not report.lines or not report.lag_bytes or self._stopping.is_set():
                return lines

    def book_repricings(self) -> int:
        """Adjust attempts as people asked for. Returns how many."""
        return book_repricings(self.ledger, now_us=now_us())

    def watch_canary(self) -> int:
        """Step routing back when its canary is worse. Returns how many steps were taken."""
        return watch_canary(self.ledger, self.folder, now_us=now_us())

    def refresh_rollups(self) -> int:
        """Add new attempts up by minute, hour and day. Returns how many buckets were filled."""
        return refresh_rollups(self.ledger, now_us=now_us())

    def check_quality(self) -> int:
        """Look at the days that changed for what cannot be fully trusted. Returns how many findings they have."""
        return check(self.ledger, now_us=now_us())

    def watch_budgets(self) -> int:
        """See which budgets have crossed a threshold; what routing has to know of it is published at once."""
        before, self._states = self._states, watch_budgets(self.control, self.ledger, now_us=now_us())
        if limits(before) != limits(self._states):
            self.publish_snapshot()
        return len(self._states)

    def watch_rest(self) -> int:
        """See what else there is to alert of. Returns how many messages are to be delivered."""
        return self._engine.tick(now_us=now_us())

    def publish_snapshot(self) -> int:
        """Write what routing reads, budgets as they were last looked at. Returns how many deployments it knows."""
        return publish(self.ledger, self._states, self.folder, now_us=now_us())

    def deliver(self) -> int:
        """Set out with the messages that are due. Returns to how many channels."""
        return self._courier.set_out()

    def forget_alerts(self) -> int:
        """Take out messages, tries and history that are a quarter of a year old. Returns how many rows."""
        return forget_old(self.control)

    def publish_rest(self) -> int:
        """Bring the lake up to the ledger's last row."""
        self._lake.finish()
        return 1

    def publish_tables(self) -> int:
        """Write the lake's small tables anew."""
        return publish_tables(self.ledger, self.folder)

    def publish_states(self) -> int:
        """Write how budgets and alerts stand. Returns how many there are."""
        return publish_states(self.ledger, self.control, self.folder, now())

    def retain(self) -> int:
        """Take away what is older than is to be kept. Returns how many rows of the ledger went."""
        keeping, at = Keeping.of(self.settings), now_us()
        self._lake.retire(aged_files(self.folder.lake, keeping, now_us=at))
        return retain(self.ledger, keeping, now_us=at)

    def publish_rollups(self) -> int:
        """Write the lake's rollups anew, unless that would take more than its share of the time."""
        if time.monotonic() < self._rollups_due:
            return 0
        began = time.monotonic()
        published = publish_rollups(self.ledger, self.folder) + self._publish_reliability()
        self._rollups_due = time.monotonic() + LAKE_ROLLUPS_REST * (time.monotonic() - began)
        return published

    def _publish_reliability(self) -> int:
        at = now()
        published = publish_episodes(self.ledger, self.folder, at)
        return published + publish_objectives(self.ledger, self.control, self.folder, at)

    def refresh_prices(self) -> int:
        """Take over what the installed LiteLLM's price map says differently."""
        return refresh(self.ledger, now())

    def book_charges(self) -> int:
        """Bring what the gateway has counted in line with the ledger. Returns how many calls it now knows."""
        # Far behind, the ledger may know some of a call's attempts and not the others.
        lag = self.progress.lag_bytes
        return 0 if lag is None or lag > NEAR_BYTES else book_charges(self.control, self.ledger, now_us=now_us())

    def copy_control(self) -> int:
        """Keep a copy of the control store, from which a damaged one is put back."""
        return keep_copy(self.folder)

    def send_otlp(self) -> int:
        """Send new attempts to an OTLP receiver, where one is set. Returns how many."""
        return send_new(self.ledger, self.folder, self.settings, now_us=now_us())

    def back_up(self) -> int:
        """Make the backup that is due. Returns how many files are in it."""
        return back_up_when_due(self.folder, self.settings, now_us=now_us())

    def check_ledger(self) -> int:
        """Read all of the ledger, so that damage is met before anybody needs what it hit. Returns the rows read."""
        return read_all(self.ledger)

    def checkpoint(self) -> int:
        """Fold DuckDB's write-ahead log into the file, so that a restart has little to replay."""
        with self.ledger.cursor() as cursor:
            cursor.execute("CHECKPOINT").fetchall()
        return 1

    def _add(self, job: Job, executor: str, *, at_once: bool = False) -> None:
        self._every_s[job.name] = job.every_s
        self._scheduler.add_job(
            self._jobs.run,
            IntervalTrigger(seconds=job.every_s, timezone=UTC),
            args=[job],
            id=job.name,
            executor=executor,
            **({"next_run_time": now()} if at_once else {}),
        )
