"""Both sides of each day and model beside each other: what was billed, what was recorded, and what lies between."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.reconcile.recorded import Cell, Tokens, key_of, merged_into
from analytics.reconcile.skus import model_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from analytics.reconcile.lines import Line, Statement

Key = tuple["date", str, str | None]
"""Day, provider, model; None is what a statement gives no model."""


@dataclass
class Billed:
    """What a provider states; None is not stated."""

    requests: int | None = None
    tokens: Tokens | None = None
    amount_usd: Decimal | None = None

    def settle(self) -> None:
        """Where nothing at all is stated, nothing was billed."""
        if self.requests is None and self.tokens is None and self.amount_usd is None:
            self.requests, self.tokens, self.amount_usd = 0, {}, Decimal(0)

    def add(self, line: Line) -> None:
        """Take in one more line of the same day and model."""
        if line.requests is not None:
            self.requests = (self.requests or 0) + line.requests
        if line.tokens is not None:
            self.tokens = _added(self.tokens or {}, line.tokens)
        if line.amount_usd is not None:
            self.amount_usd = (self.amount_usd or Decimal(0)) + line.amount_usd


@dataclass
class Account:
    """One day and model."""

    day: date
    provider: str
    model: str | None
    billed: Billed = field(default_factory=Billed)
    began: list[Cell] = field(default_factory=list)
    """Recorded calls that began on the day, copies among them."""
    moved_in: list[Cell] = field(default_factory=list)
    """Calls of the day before that the provider counts here, where they ended."""
    moved_out: list[Cell] = field(default_factory=list)
    """Calls that began on the day and that the provider counts on the next."""

    @property
    def counted(self) -> list[Cell]:
        """The recorded calls as the provider would count them: each once, on its day."""
        kept = (cell for cell in self.began if not cell.is_copy and cell not in self.moved_out)
        return [*kept, *self.moved_in]

    @property
    def copies(self) -> list[Cell]:
        """Recorded calls whose answers were recorded already."""
        return [cell for cell in self.began if cell.is_copy]

    @property
    def recorded_usd(self) -> Decimal:
        """The known cost of what began on the day, as every page shows it."""
        return sum((cell.cost_usd for cell in self.began), Decimal(0))


def accounts(statement: Statement, cells: Sequence[Cell]) -> list[Account]:
    """One account per day and model that either side has: for each provider, from its first day stated to its last."""
    found: dict[Key, Account] = {}
    known = _models(statement.lines, cells)
    for line in statement.lines:
        _at(found, line.day, line.provider, _model_of(line, known[line.provider])).billed.add(line)
    by_end = {provider for provider in statement.merged if _counts_by_end(provider, list(found.values()), cells)}
    spans = _spans(statement.lines)
    for cell in (_merged(cell, statement) for cell in cells):
        moves = cell.provider in by_end and cell.ended != cell.day and not cell.is_copy
        first, last = spans[cell.provider]
        if first <= cell.day <= last:
            account = _at(found, cell.day, cell.provider, cell.model)
            account.began.append(cell)
            account.moved_out += [cell] if moves else []
        if moves and first <= cell.ended <= last:
            _at(found, cell.ended, cell.provider, cell.model).moved_in.append(cell)
    for account in found.values():
        account.billed.settle()
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1], key[2] or ""))]


def _spans(lines: Iterable[Line]) -> dict[str, tuple[date, date]]:
    """By provider, the first and the last day stated. A day between them without a line is one without charges."""
    days: dict[str, set[date]] = defaultdict(set)
    for line in lines:
        days[line.provider].add(line.day)
    return {provider: (min(of_provider), max(of_provider)) for provider, of_provider in days.items()}


def _at(found: dict[Key, Account], day: date, provider: str, model: str | None) -> Account:
    return found.setdefault((day, provider, model), Account(day, provider, model))


def _merged(cell: Cell, statement: Statement) -> Cell:
    return replace(cell, tokens=merged_into(cell.tokens, statement.merged.get(cell.provider, {})))


def _models(lines: Iterable[Line], cells: Iterable[Cell]) -> dict[str, set[str]]:
    """By provider, the models that either side names."""
    known: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        known[cell.provider].add(cell.model)
    for line in lines:
        if line.model:
            known[line.provider].add(key_of(line.provider, line.model))
    return known


def _model_of(line: Line, known: set[str]) -> str | None:
    return key_of(line.provider, line.model) if line.model else model_in(line.text, known)


def _counts_by_end(provider: str, billed: Sequence[Account], cells: Iterable[Cell]) -> bool:
    """Whether a provider counts a call on the day it ended: whether its counts then come closer to ours."""
    began: Counter[Key] = Counter()
    ended: Counter[Key] = Counter()
    for cell in cells:
        if cell.provider == provider and not cell.is_copy:
            began[cell.day, provider, cell.model] += sum(cell.tokens.values())
            ended[cell.ended, provider, cell.model] += sum(cell.tokens.values())
    stated = {
        (one.day, one.provider, one.model): sum(one.billed.tokens.values())
        for one in billed
        if one.provider == provider and one.billed.tokens is not None
    }
    return _distance(stated, ended) < _distance(stated, began)


def _distance(stated: Mapping[Key, int], counted: Counter[Key]) -> int:
    return sum(abs(tokens - counted[key]) for key, tokens in stated.items())


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> Tokens:
    return {name: one.get(name, 0) + other.get(name, 0) for name in (*one, *(key for key in other if key not in one))}
