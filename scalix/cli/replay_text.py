"""Replays and savings as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.replay.estimating import Estimate
    from routing.replay.running import Replayed, Saving


def replay_text(found: Replayed) -> str:
    """Recorded beside estimated, or why nothing is claimed."""
    if found.cost.refused:
        return f"nothing can be said: {found.cost.refused}"
    lines = [
        f"{found.cost.requests} requests, which tell as much as {found.cost.effective:.0f} under the other choice",
        f"{'per request':14}{'recorded':>14}{'what if':>14}{'difference':>14}  95 % interval",
        _line("cost, USD", found.cost, ".6f"),
        _line("seconds", found.seconds, ".3f"),
        _line("answered", found.answered, ".4f"),
    ]
    if found.unpriced:
        lines.append(f"{found.unpriced} requests are left out: their cost is unknown")
    return "\n".join(lines)


def savings_text(found: Sequence[Saving]) -> str:
    """One line for each baseline."""
    return "\n".join(_saving(one) for one in found)


def _line(name: str, one: Estimate, form: str) -> str:
    said = "" if one.decided else ", no clear difference"
    return (
        f"{name:14}{one.recorded:>14{form}}{one.estimated:>14{form}}{one.difference:>+14{form}}"
        f"  ±{one.within:{form}}{said}"
    )


def _saving(one: Saving) -> str:
    if one.estimate.refused:
        return f"{one.baseline}: nothing can be said: {one.estimate.refused}"
    said = "" if one.estimate.decided else ", no clear difference"
    amount = f"{one.saved_usd:+.4f} USD ±{one.within_usd:.4f}"
    return f"{one.baseline}: saved {amount} over {one.estimate.requests} requests{said}"
