"""Data quality: calls without a price, events that were dropped or could not be read, jobs that fail or stand still."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from analytics import quality
from analytics.alerts.states import Finding
from analytics.filters import Filters
from scalix.store import sqlfiles
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.alerts.rules import Rule
    from analytics.reading import Readable

LATELY = timedelta(hours=24)
LEAST_ATTEMPTS = 20
"""Fewer attempts with tokens say nothing about a share."""
DEFAULT_SHARE = 0.05
SUMMARY_S = 60
"""Jobs that run every few seconds write one row a minute."""


def findings(
    rule: Rule, ledger: Readable, every_s: Mapping[str, float], *, running_since_us: int, now_us: int
) -> list[Finding]:
    """Of the last day's attempts, and of each job in ``every_s``, which says how often it should run.

    No job ran before ``running_since_us``, when the hub was off or the machine asleep.
    """
    since_us = now_us - LATELY // timedelta(microseconds=1)
    (counts,) = ledger.read(sqlfiles.text("quality/lost"), {"since_us": since_us}).to_dicts()
    jobs = {
        row["job"]: row for row in ledger.read(sqlfiles.text("jobs/latest_runs"), {"since_us": since_us}).to_dicts()
    }
    return [
        _unpriced(rule, ledger, now_us),
        _lost(rule, "dropped events", counts["dropped"], "collectors could not write them: look at their disk"),
        _lost(rule, "unreadable lines", counts["quarantined"], "the lake's view quarantine says which and why"),
        *(
            _job(rule, name, pause, jobs[name], running_since_us=running_since_us, now_us=now_us)
            for name, pause in every_s.items()
            if name in jobs
        ),
    ]


def _unpriced(rule: Rule, ledger: Readable, now_us: int) -> Finding:
    most = DEFAULT_SHARE if rule.above is None else rule.above
    filters = Filters(from_us(now_us) - LATELY, from_us(now_us))
    found = quality.summary(filters, ledger)
    enough = found.with_tokens >= LEAST_ATTEMPTS
    share = found.unpriced / found.with_tokens if enough else None
    worst = quality.unpriced(filters, ledger).head(1).to_dicts() if share is not None and share > most else []
    return Finding(
        rule=rule.name,
        subject="calls without a price",
        threshold=f"{most:.0%} of a day",
        crossed=None if share is None else share > most,
        window_us=None,
        facts={
            "share": share,
            "unpriced": found.unpriced,
            "attempts": found.with_tokens,
            "most_used": f"{worst[0]['provider']}/{worst[0]['model']}" if worst else None,
        },
        event="crossed",
    )


def _lost(rule: Rule, what: str, count: int, advice: str) -> Finding:
    facts = {"count": count, "within_hours": LATELY // timedelta(hours=1), "advice": advice}
    return Finding(rule.name, what, "any in a day", count > 0, None, facts, event="crossed")


def _job(rule: Rule, name: str, every_s: float, last: dict[str, Any], *, running_since_us: int, now_us: int) -> Finding:
    """Stale after three pauses that were missed; a job that has not run yet is judged once it has."""
    allowed_s = 3 * max(every_s, SUMMARY_S) + SUMMARY_S
    missed_s = (now_us - max(last["started_us"], running_since_us)) / MICROSECONDS
    age_s = (now_us - last["started_us"]) / MICROSECONDS
    facts = {"every_s": every_s, "last_run_s_ago": round(age_s), "error": last["error"]}
    crossed = last["error"] is not None or missed_s > allowed_s
    return Finding(rule.name, f"job {name}", "runs", crossed, None, facts, event="crossed")
