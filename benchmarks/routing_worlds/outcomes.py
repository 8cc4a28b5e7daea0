"""What a strategy came to in a world."""

from __future__ import annotations

from dataclasses import dataclass, field

OURS = "scalix"
"""What Scalix is called among the strategies."""


@dataclass
class Outcome:
    """Of one strategy in one world. Durations are of whole requests, retries included."""

    strategy: str
    seed: int
    cost_usd: float = 0.0
    requests: int = 0
    answered: int = 0
    attempts: int = 0
    durations_s: list[float] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)

    def note(self, deployment: str) -> None:
        """An attempt was made."""
        self.attempts += 1
        self.reached[deployment] = self.reached.get(deployment, 0) + 1

    def took(self, seconds: float, cost_usd: float) -> None:
        """A request was answered."""
        self.answered += 1
        self.durations_s.append(seconds)
        self.cost_usd += cost_usd

    @property
    def success(self) -> float:
        """Share of requests that got an answer."""
        return self.answered / self.requests

    @property
    def p95_s(self) -> float:
        """What one request in twenty takes longer than; one that got no answer counts as endless."""
        ordered = sorted([*self.durations_s, *[float("inf")] * (self.requests - self.answered)])
        return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
