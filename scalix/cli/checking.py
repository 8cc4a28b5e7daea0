"""All stores of a folder, checked: by opening them, or, as far as the hub holds them, by asking it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import msgspec

from analytics.integrity.control import check_control
from analytics.integrity.damage import Checked, Damage
from analytics.integrity.lake import check_lake
from analytics.integrity.ledger import check_ledger
from analytics.integrity.segments import check_segments
from scalix.errors import StoreError
from scalix.hub.address import read_address
from scalix.hub.asking import asked
from scalix.store.ledger import Ledger, LedgerDamagedError, LedgerLockedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.folder import Folder

TIMEOUT_S = 600


def check_stores(folder: Folder, note: Callable[[int, int], None]) -> list[Checked]:
    """Every store of the folder; ``note`` is told of bytes read, of bytes in all."""
    whole = sum(path.stat().st_size for path in _read_files(folder))
    done = 0

    def count(read: int) -> None:
        nonlocal done
        done += read
        note(done, whole)

    return [*_ledger_and_lake(folder, count), check_segments(folder, count), check_control(folder)]


def _read_files(folder: Folder) -> list[Path]:
    patterns = ((folder.lake, "*/*.parquet"), (folder.spool, "*.seg"), (folder.archive, "*.zst"))
    return [path for place, pattern in patterns for path in place.glob(pattern)]


def _ledger_and_lake(folder: Folder, count: Callable[[int], None]) -> list[Checked]:
    """Nothing is created where there is no ledger, and nothing is repaired where there is one."""
    if not folder.ledger.exists():
        nothing = Checked("ledger", skipped="there is none: the hub makes it at its first start")
        return [nothing, check_lake(folder, None, count)]
    try:
        with closing(Ledger.open(folder)) as ledger:
            return [check_ledger(ledger), check_lake(folder, ledger, count)]
    except LedgerLockedError as error:
        return _asked_of_hub(folder, str(error))
    except LedgerDamagedError as error:
        damage = Damage("ledger", folder.ledger.name, str(error))
        return [Checked("ledger", damage=(damage,)), check_lake(folder, None, count)]
    except StoreError as error:
        return [Checked("ledger", skipped=str(error)), check_lake(folder, None, count)]


def _asked_of_hub(folder: Folder, reason: str) -> list[Checked]:
    address = read_address(folder)
    if address is None:
        return [Checked("ledger", skipped=reason), check_lake(folder)]
    try:
        answer = asked(address, "/v1/check", method="POST", timeout_s=TIMEOUT_S)
        return msgspec.json.decode(answer, type=list[Checked])
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        skipped = f"the hub at {address.url} holds it and does not answer: {error}"
        return [Checked("ledger", skipped=skipped), check_lake(folder)]
