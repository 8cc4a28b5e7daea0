"""What an objective is: a measure, what it has to reach over which window, and of which calls."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from analytics.budgets.windows import Window
from analytics.toml_tables import definitions_of
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

Measure = Literal["success", "errors", "mean_latency", "p95_latency", "mean_ttft", "p95_ttft"]
SHARES = ("success", "errors")
"""Measures in percent; the others are in seconds."""
CALLERS = ("model_group", "team")
"""Scopes of requests, as their callers see them: after all retries and fallbacks."""
DEPLOYMENTS = ("provider", "model", "deployment")
"""Scopes of single attempts: a deployment answers for what it was handed."""
SCOPES = (*CALLERS, *DEPLOYMENTS)
P95_ALLOWED = 0.05
LONGEST_DAYS = 366
MOST_SECONDS = Decimal(86_400)


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One objective. ``scope`` names values that a call must have, all of them; empty is everything.

    ``success``: at least ``target`` percent of the requests are answered, of those that a provider could have served.
    ``errors``: less than ``target`` percent of the attempts fail at the provider. The others: the mean, or all but one
    in twenty, of latency or time to first token within ``target`` seconds.
    """

    name: str
    measure: Measure
    target: Decimal
    window: str = "30d"
    scope: dict[str, str] = {}
    least_events: int = 50
    """With fewer events in a window nothing is said about it."""
    channels: tuple[str, ...] = ()
    """Where alerts go; without any, to every channel."""

    @property
    def length(self) -> timedelta:
        """How far back the window reaches."""
        length = Window(self.window).length
        if length is None:
            raise SettingsError(
                f"objective {self.name}: window {self.window} is none; give a length such as 24h or 30d"
            )
        return length

    @property
    def allowed(self) -> float | None:
        """The share of events that may be bad; None for a mean, which no single event breaks."""
        if self.measure == "success":
            return float(1 - self.target / 100)
        if self.measure == "errors":
            return float(self.target / 100)
        return P95_ALLOWED if self.measure.startswith("p95") else None

    @property
    def of_requests(self) -> bool:
        """Whether it speaks of requests, after retries and fallbacks, rather than of attempts at deployments."""
        return not self.scope.keys() & set(DEPLOYMENTS)


DEFAULTS = (
    Objective(name="success", measure="success", target=Decimal("99.5")),
    Objective(name="errors", measure="errors", target=Decimal("0.5")),
    Objective(name="latency", measure="mean_latency", target=Decimal(2)),
)
"""They hold from the start, until they are edited or removed."""


def checked(objective: Objective) -> Objective:
    """The objective itself. Raises SettingsError naming what cannot be."""
    if not objective.name or len(objective.name) > 100 or not objective.name.isprintable():  # noqa: PLR2004 - fits a page
        raise SettingsError("an objective needs a printable name of up to 100 characters")
    where = f"objective {objective.name}"
    unknown = [name for name in objective.scope if name not in SCOPES]
    if unknown:
        raise SettingsError(f"{where}: nothing is called {unknown[0]}; choose of {', '.join(SCOPES)}")
    if not objective.of_requests and "team" in objective.scope:
        raise SettingsError(f"{where}: a team's requests are not told apart by {', '.join(DEPLOYMENTS)}")
    if objective.least_events < 1:
        raise SettingsError(f"{where}: {objective.least_events} events are too few to say anything by; give 1 or more")
    if objective.length.days > LONGEST_DAYS:
        raise SettingsError(f"{where}: window {objective.window} is longer than {LONGEST_DAYS} days")
    return _with_sane_target(objective, where)


def _with_sane_target(objective: Objective, where: str) -> Objective:
    share = objective.measure in SHARES
    most = Decimal(100) if share else MOST_SECONDS
    if not (objective.target.is_finite() and 0 < objective.target < most):
        unit = "percent" if share else "seconds"
        raise SettingsError(f"{where}: {objective.target} cannot be a target; give {unit} between 0 and {most}")
    return objective


def from_json(text: str | bytes) -> Objective:
    """An objective out of its JSON. Raises SettingsError."""
    try:
        return checked(msgspec.json.decode(text, type=Objective))
    except msgspec.MsgspecError as error:
        raise SettingsError(f"that is no objective: {error}") from error


def to_json(objective: Objective) -> str:
    """The objective as JSON, its target as text."""
    return msgspec.json.encode(objective).decode()


def from_toml(path: Path) -> list[Objective]:
    """The ``[[objective]]`` tables of a file. Raises SettingsError."""
    return [checked(objective) for objective in definitions_of(path, "objective", Objective)]
