"""Looks at what rules watch, each as often as it says, and settles what was found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analytics.alerts.firing import settle
from analytics.alerts.rules import all_rules
from analytics.alerts.watchers import anomalies, budgets, objectives, quality, saved_sql
from analytics.budgets.shelf import all_budgets
from analytics.budgets.state import states_of
from analytics.objectives.state import objective_states
from scalix.errors import ScalixError, StoreError
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.alerts.rules import Rule
    from analytics.alerts.states import Finding
    from analytics.alerts.watchers.saved_sql import Ask
    from analytics.budgets.state import BudgetState
    from analytics.reading import Readable
    from scalix.store.control import ControlStore

ASLEEP_US = 60 * MICROSECONDS
"""Ticks follow each other within seconds; after a longer pause the machine had stopped, and every job with it."""


@dataclass
class Engine:
    """All rules but those on budgets, which have a tick of their own. ``jobs`` says how often each job should run."""

    control: ControlStore
    ledger: Readable
    ask: Ask
    jobs: Mapping[str, float]
    _looked: dict[str, float] = field(default_factory=dict)
    _running_since_us: int = 0
    _ticked_us: int = 0

    def tick(self, *, now_us: int) -> int:
        """Look at what is due. Returns how many messages were put out.

        Raises StoreError in the end for rules that could not be looked at; they keep no other waiting.
        """
        began = time.monotonic()
        if now_us - self._ticked_us > ASLEEP_US:
            self._running_since_us = now_us
        try:
            return self._look_at_all(now_us)
        finally:
            # A tick that takes long is no pause.
            self._ticked_us = now_us + round((time.monotonic() - began) * MICROSECONDS)

    def _look_at_all(self, now_us: int) -> int:
        rules = [rule for rule in all_rules(self.control) if rule.kind != "budget"]
        failed: list[str] = []
        told = sum(self._look(rule, now_us, failed) for rule in rules if self._is_due(rule))
        if failed:
            raise StoreError("; ".join(failed))
        return told

    def _is_due(self, rule: Rule) -> bool:
        last = self._looked.get(rule.name)
        return last is None or time.monotonic() - last >= rule.every_s

    def _look(self, rule: Rule, now_us: int, failed: list[str]) -> int:
        self._looked[rule.name] = time.monotonic()
        try:
            found = self._findings(rule, now_us) if rule.enabled else []
        except ScalixError as error:
            failed.append(_failure(rule, error))
            return 0
        return settle(self.control, rule, found, now_us=now_us)

    def _findings(self, rule: Rule, now_us: int) -> list[Finding]:
        match rule.kind:
            case "quality":
                since_us = self._running_since_us
                return quality.findings(rule, self.ledger, self.jobs, running_since_us=since_us, now_us=now_us)
            case "anomaly":
                return anomalies.findings(rule, self.ledger, now_us=now_us)
            case "sql":
                return saved_sql.findings(rule, self.ask)
            case "objective":
                return objectives.findings(rule, objective_states(self.ledger, self.control, now_us))
            case "budget":
                return []


def _failure(rule: Rule, error: ScalixError) -> str:
    """In one line. What people wrote is theirs to mend; the others fail with what they read."""
    reason, _, _ = str(error).partition("\n")
    advice = f"; mend its query, or `scalix alert rules disable {rule.name}`" if rule.kind == "sql" else ""
    return f"rule {rule.name} cannot be looked at: {reason}{advice}"


def watch_budgets(control: ControlStore, ledger: Readable, *, now_us: int) -> list[BudgetState]:
    """Look at every budget and settle its alerts. Returns how they stand. Raises StoreError."""
    states = states_of(all_budgets(control), ledger, from_us(now_us))
    for rule in all_rules(control):
        if rule.kind == "budget":
            settle(control, rule, budgets.findings(rule, states) if rule.enabled else [], now_us=now_us)
    return states
