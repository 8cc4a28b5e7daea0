"""A deployment's record in this process: sums that fade with time and with every newer attempt.

An attempt counts half after ``HALF_LIFE_S`` or after ``HALF_LIFE_ATTEMPTS`` newer ones on the same deployment: a busy
deployment's record follows what happens within seconds, a quiet one's is not lost. ``sql/routing/deployments`` weighs
the ledger's attempts alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HALF_LIFE_S = 1800.0
HALF_LIFE_ATTEMPTS = 100.0
NINETY_FIFTH = 1.6449
"""Standard deviations from the median of a normal distribution to its 95th percentile."""
FEWEST_FOR_SPREAD = 5.0
"""Answers below which nothing is said of the slowest: their spread is not known."""
USUALLY_LATE = 0.03
LATE_STRENGTH = 20.0
CACHE_STRENGTH = 5.0
"""So many made-up answers stand for what is usual."""
_PER_ATTEMPT = 0.5 ** (1 / HALF_LIFE_ATTEMPTS)


@dataclass
class Times:
    """Durations as if lognormal, which latencies of language models nearly are: moments of their logarithms."""

    weight: float = 0.0
    total: float = 0.0
    logs: float = 0.0
    squares: float = 0.0

    def fade(self, factor: float) -> None:
        """Let all that was seen count less."""
        self.weight *= factor
        self.total *= factor
        self.logs *= factor
        self.squares *= factor

    def add(self, seconds: float) -> None:
        """Take one in."""
        log = math.log(max(seconds, 1e-6))
        self.weight += 1
        self.total += seconds
        self.logs += log
        self.squares += log * log

    @property
    def mean(self) -> float | None:
        """Seconds on average."""
        return self.total / self.weight if self.weight > 0 else None

    @property
    def p95(self) -> float | None:
        """What one in twenty exceeds; None while too few were seen."""
        if self.weight < FEWEST_FOR_SPREAD:
            return None
        middle = self.logs / self.weight
        return math.exp(middle + NINETY_FIFTH * math.sqrt(max(self.squares / self.weight - middle * middle, 0.0)))


@dataclass
class Answer:
    """What one answer came to. None is unknown; tokens of the prompt include those from the cache."""

    latency_s: float | None = None
    late: bool = False
    ttft_s: float | None = None
    input_tokens: float | None = None
    cached_tokens: float = 0.0
    output_tokens: float | None = None


class Evidence:
    """The faded sums of one deployment."""

    def __init__(self) -> None:
        self.successes = 0.0
        self.failures = 0.0
        self.latency = Times()
        self.ttft = Times()
        self.failing = Times()
        self.late = 0.0
        self.metered = 0.0
        self.input_tokens = 0.0
        self.cached_tokens = 0.0
        self.output_tokens = 0.0
        self._at: float | None = None

    def answered(self, answer: Answer, now: float) -> None:
        """Take in an answer, at this moment in seconds."""
        self._fade(now)
        self.successes += 1
        if answer.latency_s is not None:
            self.latency.add(answer.latency_s)
            self.late += answer.late
        if answer.ttft_s is not None:
            self.ttft.add(answer.ttft_s)
        if answer.input_tokens is not None and answer.output_tokens is not None:
            self.metered += 1
            self.input_tokens += answer.input_tokens
            self.cached_tokens += answer.cached_tokens
            self.output_tokens += answer.output_tokens

    @property
    def late_share(self) -> float:
        """Of answers, later than allowed; few of them are taken for usual."""
        return (USUALLY_LATE * LATE_STRENGTH + self.late) / (LATE_STRENGTH + self.latency.weight)

    def cache_share(self, usual: float) -> float:
        """Of prompt tokens, found in the cache; few of them are taken for usual."""
        if not self.metered:
            return usual
        made_up = CACHE_STRENGTH * self.input_tokens / self.metered
        return (usual * made_up + self.cached_tokens) / (made_up + self.input_tokens)

    def failed(self, now: float, after_s: float | None = None) -> None:
        """Take in a failure that the deployment answers for."""
        self._fade(now)
        self.failures += 1
        if after_s is not None:
            self.failing.add(after_s)

    def _fade(self, now: float) -> None:
        passed = 0.0 if self._at is None else max(now - self._at, 0.0)
        self._at = now
        factor = _PER_ATTEMPT * 0.5 ** (passed / HALF_LIFE_S)
        self.successes *= factor
        self.failures *= factor
        for times in (self.latency, self.ttft, self.failing):
            times.fade(factor)
        self.late *= factor
        self.metered *= factor
        self.input_tokens *= factor
        self.cached_tokens *= factor
        self.output_tokens *= factor


def share_beyond(limit_s: float, p50_s: float, p95_s: float) -> float:
    """The share of durations beyond a limit, as if lognormal with these two percentiles."""
    spread = math.log(p95_s / p50_s) / NINETY_FIFTH if p95_s > p50_s else 0.0
    if spread == 0.0:
        return float(p50_s > limit_s)
    return 0.5 * math.erfc(math.log(limit_s / p50_s) / spread / math.sqrt(2))
