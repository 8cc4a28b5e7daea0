"""What the Alerts page and the API read and do: alerts, messages, silences, rules, and trying a rule out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from analytics.alerts import backtest, channels, log, rules, silences
from analytics.alerts.payloads.summary import facts_text
from analytics.reading import control_here, ledger_here
from scalix.times import now

if TYPE_CHECKING:
    from analytics.alerts.backtest import Stretch
    from analytics.alerts.channels import Channel
    from analytics.alerts.rules import Rule
    from analytics.alerts.silences import Silence

MOST_ROWS = 100


@dataclass(frozen=True)
class Desk:
    """Everything at one moment."""

    alerts: list[dict[str, Any]]
    """rule, subject, threshold, window_us, state, since_us, told_us, facts (JSON) and found (a few in words).

    The latest change comes first.
    """
    history: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    channels: list[Channel]
    silences: list[Silence]
    rules: list[Rule]


def read() -> Desk:
    """Ask for all of it, of this process' store. Raises StoreError."""
    control = control_here()
    return Desk(
        alerts=[{**row, "found": ", ".join(facts_text(json.loads(row["facts"])))} for row in log.states(control)],
        history=log.history(control, MOST_ROWS),
        messages=log.messages(control, MOST_ROWS),
        channels=channels.all_channels(control),
        silences=silences.all_silences(control),
        rules=rules.all_rules(control),
    )


def tries(message_id: str) -> list[dict[str, Any]]:
    """Every try to deliver a message. Raises StoreError."""
    return log.tries(control_here(), message_id)


def replay(message_id: str) -> int:
    """Deliver a message again. Returns to how many channels. Raises SettingsError, StoreError."""
    return log.replay(control_here(), message_id)


def silence(rule: str, subject: str, *, hours: float, reason: str, by: str | None) -> None:
    """Tell nothing for a while. Raises SettingsError, StoreError."""
    silences.silence(control_here(), rule, subject, seconds=hours * 3600, reason=reason, made_by=by)


def end_silence(silence_id: str) -> None:
    """End a silence now. Raises SettingsError, StoreError."""
    silences.end(control_here(), silence_id)


def try_out(rule: Rule, days: int) -> list[Stretch]:
    """Where a rule on anomalies would have fired in the last days. Raises StoreError."""
    return backtest.backtest(rule, ledger_here(), now() - timedelta(days=days), now())
