"""The ledger: every column of every table read, so that DuckDB meets each block and its checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.integrity.damage import Checked, Damage
from scalix.errors import StoreError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger


def check_ledger(ledger: Ledger) -> Checked:
    """Read all there is, table by table, and compare what must agree."""
    name = ledger.folder.ledger.name
    counted: dict[str, int] = {}
    damage: list[Damage] = []
    try:
        tables = ledger.read(sqlfiles.text("integrity/tables")).to_series().to_list()
    except StoreError as error:
        return Checked("ledger", damage=(Damage("ledger", name, str(error)),))
    for table in tables:
        try:
            counted[table] = _read(ledger, table)
        except StoreError as error:
            damage.append(Damage("ledger", name, f"table {table}: {error}"))
    if "attempts" in counted:
        damage += _contradictions(ledger, name)
    return Checked("ledger", counted, tuple(damage))


def read_all(ledger: Ledger) -> int:
    """Read every value there is; returns the number of rows. Raises StoreError at the first block that is damaged."""
    tables = ledger.read(sqlfiles.text("integrity/tables")).to_series().to_list()
    return sum(_read(ledger, table) for table in tables)


def _read(ledger: Ledger, table: str) -> int:
    (rows, _) = ledger.read(sqlfiles.text("integrity/read_table").replace("{table}", table)).row(0)
    return int(rows)


def _contradictions(ledger: Ledger, name: str) -> list[Damage]:
    (repeated, future) = ledger.read(sqlfiles.text("integrity/attempts")).row(0)
    found = []
    if repeated:
        found.append(Damage("ledger", name, f"{repeated} attempts have more than one row"))
    if future:
        found.append(Damage("ledger", name, f"{future} rows are both replaced and there"))
    return found
