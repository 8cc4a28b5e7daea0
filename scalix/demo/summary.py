"""What a run of the demo came to, for people and as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Table

from scalix.demo.compare import Comparison
from scalix.demo.trouble import Trouble

if TYPE_CHECKING:
    from scalix.demo.recorded import Recorded

BROKEN_OFF = frozenset({"cancelled", "abandoned"})


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The comparisons, and how the run went."""

    comparison: Comparison
    trouble: Trouble
    requests: int
    """Chains of attempts, as recorded."""
    request_success_rate: float | None
    """Share of the requests that were answered in the end, of those that the caller did not break off."""
    history_events: int
    ingest_events_per_second: float | None
    """How fast the hub took in the history; None when there was none to take in."""
    freshness_p50_seconds: float | None
    freshness_p99_seconds: float | None
    """From the end of a call until a reader of the lake sees it."""
    seconds: float
    """How long the whole run took."""

    @property
    def agrees(self) -> bool:
        """Whether providers and records agree: call by call, and on requests, failovers, waste and episodes."""
        return self.comparison.agrees and self.trouble.agrees

    def as_json(self) -> dict[str, Any]:
        """One flat object of JSON's own types; amounts are texts, so that no digit is lost."""
        own = {name: getattr(self, name) for name in self.__struct_fields__ if name not in {"comparison", "trouble"}}
        compared = msgspec.structs.asdict(self.comparison) | msgspec.structs.asdict(self.trouble)
        flat = {"agrees": self.agrees} | compared | own
        return {name: _plain(name, value) for name, value in flat.items()}


def _plain(name: str, value: Any) -> Any:
    return str(value) if name.endswith("_usd") else value


def success_rate(attempts: list[Recorded]) -> tuple[int, float | None]:
    """How many requests there were, and the share answered in the end of those not broken off by the caller."""
    statuses: dict[str, set[str]] = {}
    for attempt in attempts:
        statuses.setdefault(attempt.request_id, set()).add(attempt.status)
    whole = [seen for seen in statuses.values() if "success" in seen or not seen & BROKEN_OFF]
    answered = sum("success" in seen for seen in whole)
    return len(statuses), answered / len(whole) if whole else None


def table(summary: Summary) -> Table:
    """The summary for a terminal."""
    shown = Table(title="What the providers logged against what was recorded", show_header=False)
    for name, value in summary.as_json().items():
        if name != "examples":
            shown.add_row(name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
    return shown
