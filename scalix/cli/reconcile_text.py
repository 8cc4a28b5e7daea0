"""A reconciliation as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.status import Status

    from analytics.reconcile.reconcile import Reconciliation

NAMES = {
    "missing_calls": "missing calls",
    "billed_failures": "billed failures",
    "doubled_calls": "doubled or unbilled calls",
    "token_classes": "token classes",
    "price": "price",
    "day_boundary": "day boundary",
    "unpriced": "unpriced",
    "rest": "rest",
}
"""The parts of a gap, as they are called in text."""
REJECTED_SHOWN = 20


def waiting(what: str) -> Status:
    """A sign of life on standard error while something takes its time."""
    return Console(stderr=True).status(what)


def report(found: Reconciliation) -> None:
    """Print each day and model that differs, the whole, and what was set aside."""
    console = Console()
    console.print(_table(found))
    same = sum(not one.gap_usd for one in found.explanations)
    console.print(f"{same} of {len(found.explanations)} days and models agree to the last digit.")
    if found.passed_over:
        console.print(f"{found.passed_over} records are about other services.")
    if found.rejected:
        console.print(f"{len(found.rejected)} records were set aside:")
    for one in found.rejected[:REJECTED_SHOWN]:
        console.print(f"  {escape(one.file)}, record {one.record}: {escape(one.reason)}")
    if len(found.rejected) > REJECTED_SHOWN:
        console.print(f"  and {len(found.rejected) - REJECTED_SHOWN} more; --json names them all")


def _table(found: Reconciliation) -> Table:
    amounts = [Column(name, justify="right", no_wrap=True) for name in ("Billed", "Recorded", "Gap")]
    table = Table(Column("Day", no_wrap=True), "Provider", "Model", *amounts, Column("Because", no_wrap=True))
    for one in found.explanations:
        if one.gap_usd or any(one.parts.values()):
            table.add_row(
                one.day.isoformat(), escape(one.provider), escape(one.model or "-"),
                ("~" if one.is_valued else "") + _money(one.billed_usd), _money(one.recorded_usd),
                _signed(one.gap_usd), _because(one.parts),
            )  # fmt: skip
    table.add_section()
    gap = found.billed_usd - found.recorded_usd
    table.add_row(
        "all", "", "", _money(found.billed_usd), _money(found.recorded_usd), _signed(gap), _because(found.parts)
    )
    if any(one.is_valued for one in found.explanations):
        table.caption = "~ no amount was stated; the tokens are valued at our prices"
    return table


def _because(parts: dict[str, Decimal]) -> str:
    return "\n".join(f"{_signed(amount)} {NAMES[name]}" for name, amount in parts.items() if amount)


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else '-' if amount < 0 else ''}{_money(abs(amount))}"


def _money(amount: Decimal) -> str:
    return f"${amount:,.2f}" if not amount or abs(amount) >= 1 else f"${amount:,.6f}"
