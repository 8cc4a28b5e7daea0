"""One request of the history as the events its hooks would have written: attempts, retries and the fallback."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from scalix.demo.history import attempts
from scalix.demo.history.attempts import uuid
from scalix.demo.history.incidents import CHANCE, trouble_at
from scalix.demo.history.workloads import FALLBACKS, GROUPS, Feature
from scalix.events import AttemptEvent, Event, FallbackEvent
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime
    from random import Random

    from scalix.demo.history.workloads import Deployment

RETRIES = 1
ERROR_RATE = 0.004
ABANDONED = 0.002


class Asked(msgspec.Struct, frozen=True):
    """What all attempts of a request share. ``days_ago`` is its age at the history's end."""

    feature: Feature
    person: str
    trace_id: str
    days_ago: float
    streaming: bool
    prompt_tokens: int


def request_events(at: datetime, feature: Feature, person: str, end: datetime, rng: Random) -> Iterator[Event]:
    """The events of one request, in the order in which they were written."""
    asked = Asked(
        feature,
        person,
        trace_id=uuid(rng),
        days_ago=(end - at) / timedelta(days=1),
        streaming=rng.random() < feature.streaming,
        prompt_tokens=max(8, int(feature.prompt_tokens * rng.lognormvariate(0, 0.5))),
    )
    failed_us = yield from _group(asked, feature.group, 0, to_us(at), rng)
    fallback = FALLBACKS.get(feature.group)
    if failed_us is None or fallback is None:
        return
    failed_again_us = yield from _group(asked, fallback, 1, failed_us, rng)
    yield FallbackEvent(
        at_us=failed_us,
        trace_id=asked.trace_id,
        original_model_group=feature.group,
        model_group=fallback,
        fallback_depth=1,
        succeeded=failed_again_us is None,
    )


def _group(asked: Asked, group: str, depth: int, at_us: int, rng: Random) -> Generator[Event, None, int | None]:
    """Attempts in one model group; when the last of them failed, or None when one was answered."""
    for retry in range(RETRIES + 1):
        deployment = rng.choice(GROUPS[group])
        opened = attempts.opened(asked, deployment, group, at_us, rng)
        opened.retry, opened.fallback_depth = retry, depth
        failed_us = yield from _attempt(asked, deployment, opened, rng)
        if failed_us is None:
            return None
        at_us = failed_us + 1000
    return at_us


def _attempt(
    asked: Asked, deployment: Deployment, opened: AttemptEvent, rng: Random
) -> Generator[Event, None, int | None]:
    """One attempt; when it failed, or None when it was answered or nobody waited for its end."""
    yield opened
    trouble = trouble_at(deployment, asked.days_ago)
    if rng.random() < (trouble.share if trouble else ERROR_RATE):
        failure = attempts.failure(opened, trouble or CHANCE, rng)
        yield failure
        return failure.ended_us
    if not (asked.streaming and rng.random() < ABANDONED):
        yield attempts.success(opened, asked, deployment, trouble.slower if trouble else 1.0, rng)
    return None
