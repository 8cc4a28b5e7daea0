"""How a fake provider behaves by itself: latency, errors, quota, and windows in which something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from random import Random


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between two moments, in seconds after the profile was set, a share of the calls gets a fault."""

    start_s: float
    end_s: float
    fault: str
    share: float = 1.0


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a provider does when a request asks for nothing special. Times are medians of a lognormal."""

    first_token_ms: float = 0.0
    per_token_ms: float = 0.0
    spread: float = 0.4
    """Sigma of the lognormal; 0 makes every call take the median."""
    error_rate: float = 0.0
    error: str = "500"
    cache_share: float = 0.3
    """How many of the calls find part of their prompt in the provider's cache."""
    quota: int | None = None
    """Requests allowed per quota window; what exceeds it gets a 429 with Retry-After."""
    quota_window_s: float = 1.0
    windows: tuple[Window, ...] = ()

    def fault_at(self, age_s: float, rng: Random) -> str | None:
        """The fault that a call gets this many seconds after the profile was set, if any."""
        for window in self.windows:
            if window.start_s <= age_s < window.end_s and rng.random() < window.share:
                return window.fault
        return self.error if rng.random() < self.error_rate else None

    def delays_s(self, rng: Random) -> tuple[float, float]:
        """Seconds to the first token, and for each token after it."""
        factor = rng.lognormvariate(0, self.spread) if self.spread else 1.0
        return self.first_token_ms * factor / 1000, self.per_token_ms * factor / 1000


INSTANT = Profile(cache_share=0.0)
LIVELY = Profile(first_token_ms=60, per_token_ms=1.5, error_rate=0.01)
PROFILES = {"instant": INSTANT, "lively": LIVELY}
