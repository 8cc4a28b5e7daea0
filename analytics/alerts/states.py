"""The state machine of one alert, without a store: what was known and what is found give what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from analytics.alerts.rules import Rule, Severity

OK, PENDING, FIRING, SILENCED, RESOLVED, NO_DATA = "ok", "pending", "firing", "silenced", "resolved", "no data"
ACTIVE = (FIRING, SILENCED)


@dataclass(frozen=True)
class Finding:
    """What a rule finds of one subject and threshold now. A window is crossed at most once; rolling ones have none."""

    rule: str
    subject: str
    threshold: str
    crossed: bool | None
    """None: there is nothing to judge by."""
    window_us: int | None
    """Start of the calendar's window; None for a rolling one, which can be crossed again after it has recovered."""
    facts: dict[str, Any]
    channels: tuple[str, ...] = ()
    severity: Severity | None = None
    """More or less severe than the rule says."""
    event: str = "threshold_reached"
    """What its crossing is called in the type of its message."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What the alert is known by."""
        return self.rule, self.subject, self.threshold


@dataclass(frozen=True)
class Known:
    """Where an alert stands. ``tellings`` counts the messages of its crossing; 0 is a crossing not told yet."""

    window_us: int
    state: str
    since_us: int
    tellings: int = 0
    told_us: int | None = None


@dataclass(frozen=True)
class Step:
    """What follows, and the state of which a message is due, if any."""

    known: Known
    tell: str | None = None


def following(known: Known | None, finding: Finding, rule: Rule, now_us: int, *, silenced: bool) -> Step | None:
    """The next step; None when nothing changes."""
    if finding.crossed is None:
        return _without_data(known, rule, now_us, silenced=silenced)
    if not finding.crossed:
        return _below(known, finding, now_us)
    if known is None or _is_new_crossing(known, finding):
        return _begun(finding, rule, now_us, silenced=silenced)
    return _lasting(known, finding, rule, now_us, silenced=silenced)


def _is_new_crossing(known: Known, finding: Finding) -> bool:
    if finding.window_us is not None:
        return known.window_us != finding.window_us
    return known.state in {OK, RESOLVED} or (known.state == NO_DATA and not known.tellings)


def _begun(finding: Finding, rule: Rule, now_us: int, *, silenced: bool) -> Step:
    window_us = now_us if finding.window_us is None else finding.window_us
    fresh = Known(window_us, PENDING, now_us)
    return Step(fresh) if rule.for_s else _risen(fresh, now_us, silenced=silenced)


def _risen(known: Known, now_us: int, *, silenced: bool) -> Step:
    """To firing, which is told once; or to silenced, which is not told until the silence ends."""
    if silenced:
        return Step(replace(known, state=SILENCED, since_us=now_us))
    if known.tellings:
        return Step(replace(known, state=FIRING, since_us=now_us))
    return Step(replace(known, state=FIRING, since_us=now_us, tellings=1, told_us=now_us), FIRING)


def _lasting(known: Known, finding: Finding, rule: Rule, now_us: int, *, silenced: bool) -> Step | None:
    """Crossed before and still, or again, in the same window."""
    if known.state == PENDING:
        held = now_us - known.since_us >= rule.for_s * MICROSECONDS
        return _risen(known, now_us, silenced=silenced) if held else None
    if known.state not in ACTIVE and not known.tellings:
        return _begun(finding, rule, now_us, silenced=silenced)
    if known.state in {OK, RESOLVED}:
        # A calendar's window that was crossed, undone by a repricing and crossed again was told already.
        return None
    if known.state != (SILENCED if silenced else FIRING):
        return _risen(known, now_us, silenced=silenced)
    return None if silenced else _again(known, rule, now_us)


def _again(known: Known, rule: Rule, now_us: int) -> Step | None:
    if not rule.renotify_s or now_us - (known.told_us or 0) < rule.renotify_s * MICROSECONDS:
        return None
    return Step(replace(known, tellings=known.tellings + 1, told_us=now_us), FIRING)


def _below(known: Known | None, finding: Finding, now_us: int) -> Step | None:
    """Told as resolved only where the crossing was told, be it silenced since: an incident must not stay open."""
    if known is None or known.state in {OK, RESOLVED}:
        return None
    crossed = known.state in ACTIVE or (known.state == NO_DATA and known.tellings > 0)
    # A calendar's window remembers that it was told; the next crossing of a rolling one is another.
    tellings = 0 if finding.window_us is None else known.tellings
    after = replace(known, state=RESOLVED if crossed else OK, since_us=now_us, tellings=tellings)
    return Step(after, RESOLVED if crossed and known.tellings else None)


def _without_data(known: Known | None, rule: Rule, now_us: int, *, silenced: bool) -> Step | None:
    if known is not None and known.state == NO_DATA:
        return None
    after = replace(known or Known(now_us, NO_DATA, now_us), state=NO_DATA, since_us=now_us)
    return Step(after, NO_DATA if rule.tell_no_data and not silenced else None)
