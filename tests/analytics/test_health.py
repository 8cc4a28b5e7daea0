"""What the doctor says of jobs that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.health import Progress, of_hub
from analytics.jobs import Job, JobLedger
from scalix.errors import StoreError

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger


@pytest.mark.usefixtures("ledger_views")
def test_a_failed_job_is_one_line_however_its_error_was_told(
    ledger: Ledger, control: ControlStore, folder: Folder
) -> None:
    def fail() -> int:
        raise StoreError("Binder Error: nothing is called x!\nLINE 1: SELECT x\n               ^")

    JobLedger(ledger, control, "hub").run(Job("alerts", 1.0, fail))
    problems = of_hub(ledger, folder, Progress()).problems
    assert "job alerts failed at its last run: StoreError: Binder Error: nothing is called x! LINE 1: SELECT x ^" in (
        problems
    )
