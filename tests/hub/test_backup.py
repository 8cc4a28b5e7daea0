"""A hub that backs itself up, is checked while it runs, and starts again from damaged stores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from analytics.backup.control import copy_of
from analytics.backup.keeping import backups_in
from scalix.cli.app import app
from scalix.folder import Folder
from scalix.store.ledger import LedgerLockedError
from tests.hub.running import calls, eventually, lake_count, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.hub.address import HubAddress
    from tests.hub.running import HubProcess

CALLS = 200


def health(address: HubAddress) -> dict[str, Any]:
    answer = httpx.get(f"{address.url}/v1/health", headers={"Authorization": f"Bearer {address.token}"}, timeout=30)
    found: dict[str, Any] = answer.json()
    return found


def run(folder: Folder, *arguments: str) -> str:
    """The command line in this process, which is not the hub's."""
    done = CliRunner().invoke(app, [*arguments, "--folder", str(folder.root)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_hub_backs_up_is_checked_and_comes_back_from_damage(
    folder: Folder, new_hub: Callable[..., HubProcess], tmp_path: Path
) -> None:
    into = tmp_path / "backups"
    hub = new_hub(SCALIX_BACKUP_TO=str(into))
    hub.start()
    eventually(lambda: backups_in(into))
    run(folder, "budget", "add", "all", "5")
    write_segment(folder.spool, calls(0, CALLS))
    eventually(lambda: lake_count(folder) == CALLS)

    by_hand = json.loads(run(folder, "backup", str(into), "--json"))
    checked = json.loads(run(folder, "check", "--json"))
    assert by_hand["counts"]["attempts"] == CALLS
    assert checked["sound"]
    stores = {store["store"]: store["counted"] for store in checked["stores"]}
    assert stores["ledger"]["attempts"] == stores["lake"]["attempts"] == CALLS

    hub.process.kill()  # type: ignore[union-attr]  # it was started
    hub.process.wait()  # type: ignore[union-attr]
    for path in (folder.ledger, folder.control):
        path.write_bytes(b"\xa5" * 20_000)
    # SQLite would bring a store back out of its log alone.
    folder.control.with_name("control.sqlite-wal").unlink(missing_ok=True)
    copy_of(folder).unlink(missing_ok=True)
    address = hub.start()
    eventually(lambda: httpx.get(f"{address.url}/healthz").status_code == 200)
    eventually(lambda: lake_count(folder) == CALLS)

    aside = {name.split(".damaged-")[0] for name in health(address)["set_aside"]}
    assert {"scalix.duckdb", "control.sqlite"} <= aside
    listed = json.loads(run(folder, "budget", "list", "--json"))
    assert [one["name"] for one in listed] == ["all"]

    other = Folder(tmp_path / "restored")
    restored = json.loads(run(other, "restore", str(into), "--json"))
    assert restored["attempts"] == CALLS
    with pytest.raises(LedgerLockedError, match="held by process"):
        run(folder, "restore", str(into))
