"""How long trouble lasted: what episodes add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.reliability.episodes import Episode


@dataclass(frozen=True)
class Recovery:
    """Means over episodes of single deployments; one that several of a provider share would count twice."""

    episodes: int
    to_detect: timedelta | None
    """From the first error to the end of the first minute that could be judged bad."""
    to_recover: timedelta | None
    """From the first error to the end of the last bad minute (MTTR)."""


def recovery(found: list[Episode]) -> Recovery:
    """What these episodes come to."""
    own = [one for one in found if one.deployment is not None]
    if not own:
        return Recovery(0, None, None)
    seen = sum((one.detected_at - one.started_at for one in own), timedelta(0))
    lasted = sum((one.lasted for one in own), timedelta(0))
    return Recovery(len(own), seen / len(own), lasted / len(own))
