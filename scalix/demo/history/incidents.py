"""What went wrong in the demo's month, in days before its end, and what it did to calls."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scalix.demo.history.workloads import Deployment, Feature
    from scalix.events import ErrorKind

HOUR = 1 / 24


@dataclass(frozen=True)
class Trouble:
    """A provider fails a share of its calls for a while, and slows the rest down."""

    provider: str
    begins: float
    lasts: float
    share: float
    kind: ErrorKind
    status: int
    error_class: str
    slower: float = 1.0


OUTAGE = Trouble("openai", 9.4, 3.5 * HOUR, 0.85, "server", 503, "ServiceUnavailableError", slower=3)
STORM = Trouble("anthropic", 17.3, 2 * HOUR, 0.45, "rate_limit", 429, "RateLimitError")
BROWN_OUT = Trouble("gemini", 4.5, 5 * HOUR, 0.12, "timeout", 408, "Timeout", slower=4)
CHANCE = Trouble("", 0, 0, 0, "server", 500, "InternalServerError")
"""What happens now and then to anybody."""
TROUBLES = (OUTAGE, STORM, BROWN_OUT)

PRICE_CHANGE_MODEL = "gpt-4.1-mini"
PRICE_CHANGE_DAYS = 12.0
PRICE_BEFORE = Decimal("0.75")
"""What the model cost before the change, against its price after it."""

CACHE_REGRESSION_FEATURE = "support-bot"
CACHE_REGRESSION_DAYS = (6.0, 3.0)
CACHE_LEFT = 0.05


def trouble_at(deployment: Deployment, days_ago: float) -> Trouble | None:
    """The trouble a deployment's provider is in, if any."""
    for trouble in TROUBLES:
        if trouble.provider == deployment.provider and 0 <= trouble.begins - days_ago < trouble.lasts:
            return trouble
    return None


def cached_share(feature: Feature, days_ago: float) -> float:
    """How much of a feature's prompts comes out of the cache on a day."""
    begins, ends = CACHE_REGRESSION_DAYS
    broken = feature.name == CACHE_REGRESSION_FEATURE and ends < days_ago <= begins
    return feature.cached * CACHE_LEFT if broken else feature.cached


def price_factor(model: str, days_ago: float) -> Decimal:
    """A day's price of a model against the present one."""
    return PRICE_BEFORE if model == PRICE_CHANGE_MODEL and days_ago > PRICE_CHANGE_DAYS else Decimal(1)
