"""Random histories of calls against one budget: several processes, kills, lost settlements, clocks that jump.

A worker stands for a process of the gateway: its callers reserve through its till, "call a provider", write down what
that cost, as the collector does, and settle. Everything is logged with an ``O_APPEND`` write, which a kill cannot undo.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.access import booking, issuing, people
from analytics.access.clock import Clock
from analytics.access.limits import Limits
from analytics.access.spending import Call, Offer, Refusal
from analytics.access.till import PATIENCE_S, Till, forsake
from scalix.store.control import ControlStore
from scalix.store.tables.access import accounts, charges
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess
    from pathlib import Path

WORKERS = 4
"""Two gateways with two workers each: they share nothing but the store."""
MEAN_BOUND = 1_000_000
FEWEST = 64
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Plan:
    """What happens in one history."""

    seed: int
    callers: int
    max_tokens: bool
    """Whether calls name their limit; otherwise they may cost more than was thought."""
    kills: int
    lost: float
    jumps: float
    url: str
    root: Path
    budget_pusd: int = 80 * MEAN_BOUND
    patience_s: float = PATIENCE_S

    @classmethod
    def of(cls, seed: int, url: str, root: Path) -> Plan:
        """The history of a seed."""
        draw = random.Random(seed)
        callers = draw.choice([FEWEST, FEWEST, 128, 256, 512])
        return cls(
            seed=seed,
            callers=callers,
            max_tokens=draw.random() < 0.6,
            kills=draw.choice([0, 0, 1, 2, 3]),
            lost=draw.choice([0.0, 0.0, 0.02]),
            jumps=draw.choice([0.0, 0.05]),
            url=url,
            root=root,
            # Of 64 callers it is seen how little is left; the others need not wait long for what nobody gives back.
            patience_s=PATIENCE_S if callers == FEWEST else PATIENCE_S / 8,
        )


@dataclass(frozen=True)
class Outcome:
    """What the checker found."""

    plan: Plan
    admitted: int
    refused: int
    spent_pusd: int
    overspent_pusd: int
    allowed_pusd: int
    """By how much calls in flight at the last admission exceeded what was reserved for them."""
    unused_share: float | None
    """Of the budget that refused first, at that moment; what was in flight counts with what it came to."""


def run(plan: Plan) -> Outcome:
    """One history, to the end and checked."""
    with closing(ControlStore(plan.url)) as control:
        people.add(control, ("team", "t"), by="test", limits=Limits(budget_pusd=plan.budget_pusd))
        ids = [
            issuing.mint(control, b"p" * 32, by="test", team_id="t", limits=Limits(budget_pusd=share))[1]
            for share in (plan.budget_pusd * 2 // 3, plan.budget_pusd * 2 // 3, plan.budget_pusd * 2)
        ]
        _play(plan, control, ids)
        return _checked(plan, control, ids)


def _play(plan: Plan, control: ControlStore, ids: list[str]) -> None:
    draw = random.Random(plan.seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.analytics.access.history"])

    def start(number: int, life: int) -> tuple[str, BaseProcess]:
        owner = f"{number}-{life}"
        process = context.Process(target=work, args=(plan, ids, owner, plan.callers // WORKERS), daemon=True)
        process.start()
        return owner, process

    running = [start(number, 0) for number in range(WORKERS)]
    for life in range(1, plan.kills + 1):
        _watch(plan, control, draw.uniform(0.05, 0.3))
        number = draw.randrange(WORKERS)
        owner, process = running[number]
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            forsake(control, owner, now_us)
            _hub_books(plan, control, owner)
            running[number] = start(number, life)
    while any(process.is_alive() for _, process in running):
        _watch(plan, control, 0.05)
    assert all(process.exitcode == 0 for _, process in running), [process.exitcode for _, process in running]
    for owner, _ in running:
        forsake(control, owner, now_us)


def _hub_books(plan: Plan, control: ControlStore, owner: str) -> None:
    """What the collector wrote before its process died is in the ledger soon after."""
    calls, _ = _logged(plan.root)
    mine = {name: call["cost"] for name, call in calls.items() if name.startswith(f"{owner}-") and "cost" in call}
    booking.book(control, mine, now_us=1)


def _watch(plan: Plan, control: ControlStore, seconds: float) -> None:
    """At no moment is more spent and reserved than there is, as long as calls keep to what they said."""
    time.sleep(seconds)
    with control.reading() as connection:
        rows = connection.execute(sa.select(accounts.c.limits, accounts.c.spent_pusd, accounts.c.held_pusd)).all()
    for limits, spent, held in rows:
        budget = json.loads(limits).get("budget_pusd")
        assert not plan.max_tokens or budget is None or spent + held <= budget, (spent, held, budget)


def work(plan: Plan, ids: list[str], owner: str, callers: int) -> None:
    """One process: its callers call until they are refused."""
    asyncio.run(_work(plan, ids, owner, callers))


async def _work(plan: Plan, ids: list[str], owner: str, callers: int) -> None:
    draw = random.Random(f"{plan.seed}-{owner}")
    log = os.open(plan.root / f"{owner}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    jump = [0]

    def note(kind: str, call: str, **facts: Any) -> None:
        os.write(log, json.dumps({"kind": kind, "call": call, "at": time.monotonic(), **facts}).encode() + b"\n")

    with closing(ControlStore(plan.url)) as control:
        clock = Clock(now_us=lambda: now_us() + jump[0])
        with closing(Till(control, clock=clock, owner=owner, patience_s=plan.patience_s, longest_call_s=30)) as till:

            async def caller(name: int) -> None:
                refusals = 0
                number = 0
                while refusals < 2:
                    number += 1
                    if draw.random() < plan.jumps:
                        jump[0] = draw.randint(-DAY_US, DAY_US)
                    key = draw.choice(ids)
                    bound = draw.randint(MEAN_BOUND // 2, 3 * MEAN_BOUND // 2)
                    call = Call(f"{owner}-{name}-{number}", (("key", key), ("team", "t")), (Offer(bound),))
                    outcome = await asyncio.wrap_future(till.reserve(call))
                    if isinstance(outcome, Refusal):
                        note("refused", call.id, account=outcome.account)
                        refusals += 1
                        continue
                    note("admitted", call.id, key=key, reserved=bound)
                    await asyncio.sleep(draw.uniform(0.001, 0.02))
                    failed = draw.random() < 0.05
                    share = draw.betavariate(1.2, 4) * (1 if plan.max_tokens else 3)
                    cost = 0 if failed else round(bound * share)
                    note("cost", call.id, cost=cost)
                    if draw.random() >= plan.lost:
                        await asyncio.wrap_future(till.settle(call.id, cost))
                        note("settled", call.id)

            await asyncio.gather(*(caller(name) for name in range(callers)))


def _checked(plan: Plan, control: ControlStore, ids: list[str]) -> Outcome:
    calls, refusals = _logged(plan.root)
    with control.reading() as connection:
        open_charges = [charge for (charge,) in connection.execute(sa.select(charges.c.id))]
    booking.book(
        control, {charge: calls[charge].get("cost", 0) for charge in open_charges if charge in calls}, now_us=1
    )
    # A worker killed between the commit and its first log line has a charge and no call: the ledger knows nothing.
    booking.book(control, {charge: 0 for charge in open_charges if charge not in calls}, now_us=1)
    budgets = {**dict.fromkeys(ids), "t": None}
    over = 0
    with control.reading() as connection:
        for row in connection.execute(sa.select(accounts)):
            mine = [call for call in calls.values() if row.id in {call["key"], "t"}]
            assert (row.held_pusd, row.calls_held) == (0, 0), "something is still reserved"
            assert row.spent_pusd == sum(call.get("cost", 0) for call in mine), "what is counted is not what was spent"
            budgets[row.id] = json.loads(row.limits)["budget_pusd"]
            over = max(over, row.spent_pusd - budgets[row.id])
        assert connection.execute(sa.select(charges)).all() == []
    allowed = _in_flight_excess(calls.values())
    assert over <= (0 if plan.max_tokens else allowed), f"overspent by {over}, of which {allowed} were in flight"
    return Outcome(
        plan=plan,
        admitted=len(calls),
        refused=len(refusals),
        spent_pusd=sum(call.get("cost", 0) for call in calls.values()),
        overspent_pusd=max(over, 0),
        allowed_pusd=allowed,
        unused_share=_unused(refusals, list(calls.values()), budgets),
    )


def _logged(root: Path) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    calls: dict[str, dict[str, Any]] = {}
    refusals = []
    for line in _lines(root):
        call = line["call"]
        if line["kind"] == "admitted":
            calls[call] = {"key": line["key"], "reserved": line["reserved"], "at": line["at"], "until": float("inf")}
        elif line["kind"] == "cost":
            calls[call]["cost"] = line["cost"]
        elif line["kind"] == "settled":
            calls[call]["until"] = line["at"]
        else:
            refusals.append(line)
    return calls, sorted(refusals, key=lambda line: line["at"])


def _lines(root: Path) -> Iterator[dict[str, Any]]:
    for path in root.glob("*.log"):
        for line in path.read_bytes().splitlines():
            yield json.loads(line)


def _in_flight_excess(calls: Any) -> int:
    """Summed over calls in flight when the last one was let through."""
    last = max((call["at"] for call in calls), default=0.0)
    flying = [call for call in calls if call["until"] >= last]
    return sum(max(call.get("cost", 0) - call["reserved"], 0) for call in flying)


def _unused(refusals: list[dict[str, Any]], calls: list[dict[str, Any]], budgets: dict[str, Any]) -> float | None:
    if not refusals:
        return None
    first = refusals[0]
    name = first["account"][1]
    before = [call for call in calls if call["at"] <= first["at"] and name in {call["key"], "t"}]
    return 1 - float(sum(call.get("cost", 0) for call in before)) / float(budgets[name])
