"""`scalix reconcile`: exports in, explanations out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from analytics.reconcile.accounts import accounts
from analytics.reconcile.explaining import PARTS, Explanation, explain
from analytics.reconcile.files import read_exports
from analytics.reconcile.recorded import recorded
from analytics.spend.list_prices import class_prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from analytics.pricing.book import Book
    from analytics.reading import Readable
    from analytics.reconcile.accounts import Account
    from analytics.reconcile.lines import Rejected


@dataclass(frozen=True)
class Reconciliation:
    """Every day and model of some exports, and what could not be read of them."""

    explanations: tuple[Explanation, ...]
    rejected: tuple[Rejected, ...]
    passed_over: int
    """Records about something other than calls of language models."""

    @property
    def billed_usd(self) -> Decimal:
        """What was billed in all."""
        return sum((one.billed_usd for one in self.explanations), Decimal(0))

    @property
    def recorded_usd(self) -> Decimal:
        """The known cost of what was recorded in all."""
        return sum((one.recorded_usd for one in self.explanations), Decimal(0))

    @property
    def parts(self) -> dict[str, Decimal]:
        """The whole gap by part."""
        return {name: sum((one.parts[name] for one in self.explanations), Decimal(0)) for name in PARTS}

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text, so that no digit is lost."""
        return {
            "billed_usd": f"{self.billed_usd:f}",
            "recorded_usd": f"{self.recorded_usd:f}",
            "gap_usd": f"{self.billed_usd - self.recorded_usd:f}",
            "parts": _texts(self.parts),
            "days": [_as_dict(one) for one in self.explanations],
            "rejected": [vars(one) for one in self.rejected],
            "passed_over": self.passed_over,
        }


def reconcile(paths: Sequence[Path], ledger: Readable, book: Book) -> Reconciliation:
    """Hold exports against what was recorded. Raises ExportError for an unreadable file, StoreError."""
    statement = read_exports(paths)
    days = [line.day for line in statement.lines]
    cells = recorded(ledger, statement.merged, min(days), max(days)) if days else []
    found = (explain(account, _prices(book, account)) for account in accounts(statement, cells))
    return Reconciliation(tuple(_with_anything(found)), tuple(statement.rejected), statement.passed_over)


def _prices(book: Book, account: Account) -> dict[str, Decimal]:
    noon = datetime.combine(account.day, time(12), UTC)
    return class_prices(book, account.provider, account.model, noon)


def _with_anything(found: Iterable[Explanation]) -> Iterable[Explanation]:
    return (one for one in found if one.billed_usd or one.recorded_usd or one.billed_calls or any(one.parts.values()))


def _as_dict(one: Explanation) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "provider": one.provider,
        "model": one.model,
        "billed_usd": f"{one.billed_usd:f}",
        "recorded_usd": f"{one.recorded_usd:f}",
        "gap_usd": f"{one.gap_usd:f}",
        "parts": _texts(one.parts),
        "billed_calls": one.billed_calls,
        "recorded_calls": one.recorded_calls,
        "valued_at_our_prices": one.is_valued,
    }


def _texts(amounts: dict[str, Decimal]) -> dict[str, str]:
    return {name: f"{amount:f}" for name, amount in amounts.items()}
