"""Call for call and cent for cent: what the providers logged against what was recorded.

An answer whose id was recorded is found by that id; LiteLLM gives embeddings and Anthropic's answers ids of its own,
so those are found by provider, model and exact token counts; what failed is found by provider, model and how it
ended. Among several that fit, one of the same caller is taken, a stream for a stream, and the one that began at nearly
the same moment.
Every request and every attempt is used up at most once, so what is left over is missing or doubled.
"""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from scalix.demo.truth import trace
from scalix.events import PICODOLLARS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from scalix.demo.providers.log import Request
    from scalix.demo.recorded import Recorded

    Pair = tuple[Request, Recorded]

CLOSE_PUSD = 1000
"""Amounts that differ by no more than 10⁻⁹ dollars are the same."""
UNFINISHED = frozenset({"cancelled", "abandoned", "failure"})
FITTING = {
    "answered": UNFINISHED,
    "disconnected": UNFINISHED,
    "error": frozenset({"failure"}),
    "midstream": frozenset({"failure"}),
    "cut": frozenset({"failure"}),
    "reset": frozenset({"failure"}),
    "garbage": frozenset({"failure", "success"}),
    "misshapen": frozenset({"failure"}),
}
"""How a request that no id and no count identifies may have been recorded."""
MOST_EXAMPLES = 5


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides have in common, and every way in which they differ. Zeros all over is agreement."""

    provider_requests: int
    recorded_attempts: int
    missing: int
    """Requests that a provider saw and nobody recorded."""
    doubled: int
    """Recorded attempts that no provider saw, or saw only once."""
    labels_differ: int
    """Calls recorded under another provider or model, or as a stream where there was none."""
    tokens_differ: int
    costs_differ: int
    out_of_bounds: int
    """Attempts without usage whose bounds do not hold what the provider counted."""
    failed_attempts: int
    unpriced_attempts: int
    unsettled_attempts: int
    """Attempts whose usage never reached the caller: cancelled, abandoned, or broken."""
    provider_cost_usd: Decimal
    """What the providers billed for the calls whose usage they told."""
    recorded_cost_usd: Decimal
    """What was recorded for the same calls."""
    cost_difference_usd: Decimal
    """The sum of all differences, each taken as positive."""
    unsettled_cost_usd: Decimal
    """What the providers billed beyond that."""
    examples: list[str]

    @property
    def agrees(self) -> bool:
        """Whether every call was recorded once, with the provider's counts and amounts."""
        differing = self.labels_differ + self.tokens_differ + self.costs_differ + self.out_of_bounds
        return self.missing + self.doubled + differing == 0


def compare(requests: list[Request], attempts: list[Recorded]) -> Comparison:
    """Matches both sides one to one and counts what is left over or differs."""
    pairs, missing, doubled = match(requests, attempts)
    settled = [pair for pair in pairs if _settled(pair)]
    unsettled = [pair for pair in pairs if not _settled(pair)]
    labels = [pair for pair in pairs if not _labels_agree(pair)]
    tokens = [pair for pair in settled if not _tokens_agree(pair)]
    costs = [pair for pair in settled if not _costs_agree(pair)]
    beyond = [pair for pair in unsettled if not _within_bounds(pair)]
    return Comparison(
        provider_requests=len(requests),
        recorded_attempts=len(attempts),
        missing=len(missing),
        doubled=len(doubled),
        labels_differ=len(labels),
        tokens_differ=len(tokens),
        costs_differ=len(costs),
        out_of_bounds=len(beyond),
        failed_attempts=sum(attempt.status == "failure" for attempt in attempts),
        unpriced_attempts=sum(attempt.cost_pusd is None for _, attempt in settled),
        unsettled_attempts=len(unsettled),
        provider_cost_usd=_dollars(request.cost_pusd for request, _ in settled),
        recorded_cost_usd=_dollars(attempt.cost_pusd for _, attempt in settled),
        cost_difference_usd=_dollars(map(_cost_gap, settled)),
        unsettled_cost_usd=_dollars(request.cost_pusd for request, _ in unsettled),
        examples=_examples(missing, doubled, labels + tokens + costs + beyond),
    )


def match(requests: list[Request], attempts: list[Recorded]) -> tuple[list[Pair], list[Request], list[Recorded]]:
    """Pairs of both sides, then the requests nobody recorded, then the attempts nobody served."""
    pairs, requests, attempts = _pair_by(
        requests,
        attempts,
        lambda request: request.request_id if request.has_id else None,
        lambda attempt: provider_id(attempt.response_id),
    )
    for of_request, of_attempt in ((_count_key, _recorded_count_key), (_end_key, _recorded_end_key)):
        found, requests, attempts = _pair_by(requests, attempts, of_request, of_attempt)
        pairs += found
    found, requests, attempts = _pair_by_ending(requests, attempts)
    return pairs + found, requests, attempts


def provider_id(response_id: str | None) -> str | None:
    """The provider's id of an answer; LiteLLM's Router packs ids of the responses API into one of its own."""
    if response_id is None or not response_id.startswith("resp_"):
        return response_id
    try:
        packed = b64decode(response_id.removeprefix("resp_"), validate=True).decode()
    except ValueError:
        return response_id
    return packed.rpartition("response_id:")[2]


def _count_key(request: Request) -> Hashable | None:
    return (request.provider, request.model, request.streaming, request.tokens) if request.usage_sent else None


def _recorded_count_key(attempt: Recorded) -> Hashable | None:
    return (attempt.provider, attempt.model, attempt.streaming, attempt.tokens) if attempt.reported else None


def _end_key(request: Request) -> Hashable | None:
    return (request.provider, request.model, str(request.status)) if request.outcome == "error" else None


def _recorded_end_key(attempt: Recorded) -> Hashable | None:
    return (attempt.provider, attempt.model, attempt.error_code) if attempt.status == "failure" else None


def _pair_by(
    requests: list[Request],
    attempts: list[Recorded],
    of_request: Callable[[Request], Hashable | None],
    of_attempt: Callable[[Recorded], Hashable | None],
) -> tuple[list[Pair], list[Request], list[Recorded]]:
    """Pairs those whose keys are equal, one to one; a key of None pairs with nothing."""
    waiting: defaultdict[Hashable, list[Recorded]] = defaultdict(list)
    for attempt in attempts:
        waiting[of_attempt(attempt)].append(attempt)
    pairs, left = [], []
    for request in requests:
        key = of_request(request)
        if key is not None and waiting[key]:
            nearest = _nearest(request, waiting[key])
            waiting[key].remove(nearest)
            pairs.append((request, nearest))
        else:
            left.append(request)
    taken = {id(attempt) for _, attempt in pairs}
    return pairs, left, [attempt for attempt in attempts if id(attempt) not in taken]


def _pair_by_ending(
    requests: list[Request], attempts: list[Recorded]
) -> tuple[list[Pair], list[Request], list[Recorded]]:
    pairs, left = [], []
    attempts = list(attempts)
    for request in sorted(requests, key=lambda request: len(FITTING[request.outcome])):
        fitting = [attempt for attempt in attempts if _fits(request, attempt)]
        if fitting:
            nearest = _nearest(request, fitting)
            attempts.remove(nearest)
            pairs.append((request, nearest))
        else:
            left.append(request)
    return pairs, left, attempts


def _nearest(request: Request, fitting: list[Recorded]) -> Recorded:
    return min(
        fitting,
        key=lambda attempt: (
            attempt.request_id != trace(request),
            attempt.streaming != request.streaming,
            abs(attempt.started_us - request.arrived_us),
        ),
    )


def _fits(request: Request, attempt: Recorded) -> bool:
    same = (request.provider, request.model) == (attempt.provider, attempt.model)
    return same and attempt.status in FITTING[request.outcome]


def _settled(pair: Pair) -> bool:
    request, attempt = pair
    return request.usage_sent and (attempt.reported or attempt.status == "success")


def _labels_agree(pair: Pair) -> bool:
    request, attempt = pair
    asked = (request.provider, request.model, request.streaming)
    return asked == (attempt.provider, attempt.model, attempt.streaming)


def _tokens_agree(pair: Pair) -> bool:
    request, attempt = pair
    return attempt.reported and request.tokens == attempt.tokens


def _cost_gap(pair: Pair) -> int:
    request, attempt = pair
    return abs((request.cost_pusd or 0) - (attempt.cost_pusd or 0))


def _costs_agree(pair: Pair) -> bool:
    request, attempt = pair
    known = (request.cost_pusd is None) == (attempt.cost_pusd is None)
    return known and _cost_gap(pair) <= CLOSE_PUSD


def _within_bounds(pair: Pair) -> bool:
    request, attempt = pair
    return (attempt.input_high is None or request.tokens.all_input <= attempt.input_high) and (
        attempt.output_high is None or request.tokens.all_output <= attempt.output_high
    )


def _dollars(amounts: Iterable[int | None]) -> Decimal:
    return Decimal(sum(amount or 0 for amount in amounts)) / PICODOLLARS


def _examples(missing: list[Request], doubled: list[Recorded], differing: list[Pair]) -> list[str]:
    found = [f"missing: {request}" for request in missing[:MOST_EXAMPLES]]
    found += [f"doubled: {attempt}" for attempt in doubled[:MOST_EXAMPLES]]
    return found + [f"differs: {request} {attempt}" for request, attempt in differing[:MOST_EXAMPLES]]
