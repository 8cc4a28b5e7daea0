"""What the providers' logs say of requests, failovers and waste, worked out call by call without anything of Scalix."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

from scalix.demo.history.workloads import GROUPS
from scalix.demo.traffic.fleet import TIMEOUT_S, WIRE_NAMES
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalix.demo.providers.log import Request

Ending = Literal["answered", "failed", "left"]
STAYS = "whole"
"""The second word of the mark of a caller that waits for its answer to the end."""
NEARLY_S = 0.1
"""A caller that goes this close to its timeout went because of it."""
DEPLOYMENTS = {
    (WIRE_NAMES.get(one.provider, one.provider), one.model): one.id for group in GROUPS.values() for one in group
}


@dataclass(frozen=True)
class Move:
    """A request went from a deployment that failed it to another. ``wasted_pusd`` is what the first told it billed."""

    moved_from: str
    moved_to: str
    served: bool
    wasted_pusd: int


@dataclass(frozen=True)
class Chain:
    """One request of a caller that stayed to its end."""

    answered: bool
    recovered: bool
    moves: tuple[Move, ...]
    wasted_pusd: int


def chains(requests: Iterable[Request]) -> dict[str, Chain]:
    """Every request whose caller stayed, by its trace id."""
    marked = [one for one in requests if one.caller and one.caller.endswith(f" {STAYS}")]
    ordered = sorted(marked, key=lambda one: (one.caller, one.arrived_us))
    return {trace(tries[0]): _chain(tries) for tries in map(list, _by_caller(ordered))}


def trace(request: Request) -> str:
    """The trace id that the caller marked its calls with, the first word of the mark."""
    return (request.caller or "").partition(" ")[0]


def ending(request: Request) -> Ending:
    """How the provider saw a call end; one that the client left just when its time was up has failed."""
    if request.outcome == "answered":
        return "answered"
    waited_s = (request.ended_us - request.arrived_us) / MICROSECONDS
    return "left" if request.outcome == "disconnected" and waited_s < TIMEOUT_S - NEARLY_S else "failed"


def deployment(request: Request) -> str:
    """The deployment that a call was made to."""
    return DEPLOYMENTS[request.provider, request.model]


def _by_caller(ordered: list[Request]) -> Iterable[Iterable[Request]]:
    return (tries for _, tries in groupby(ordered, key=trace))


def _chain(tries: list[Request]) -> Chain:
    answered = ending(tries[-1]) == "answered"
    failed = [one for one in tries if ending(one) != "answered"]
    return Chain(
        answered=answered,
        recovered=answered and bool(failed),
        moves=tuple(_moves(tries)),
        wasted_pusd=_told(failed),
    )


def _moves(tries: list[Request]) -> Iterable[Move]:
    stays = [list(stay) for _, stay in groupby(tries, key=deployment)]
    for stay, following in pairwise(stays):
        served = ending(following[-1]) == "answered"
        yield Move(deployment(stay[0]), deployment(following[0]), served, _told(stay))


def _told(calls: list[Request]) -> int:
    """What the provider billed for these calls, of those whose usage it told."""
    return sum(one.cost_pusd or 0 for one in calls if one.usage_sent)
