"""Hubs for the tests of this folder; whatever a test starts is ended with it."""

from __future__ import annotations

from shutil import copyfile
from typing import TYPE_CHECKING

import pytest

from analytics.pricing.refresh import refresh
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import now
from tests.hub.running import HubProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def priced_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a ledger with nothing but the prices that every hub begins by taking over."""
    made = Folder(tmp_path_factory.mktemp("priced-ledger"))
    opened = Ledger.open(made)
    refresh(opened, now())
    opened.close()
    return made.ledger


@pytest.fixture
def new_hub(folder: Folder, priced_ledger: Path) -> Iterator[Callable[..., HubProcess]]:
    """Makes hubs, not started yet, on the test's folder; settings are given by their variables.

    A folder that does not exist yet gets a ledger with prices, which would take each of them a second.
    """
    made: list[HubProcess] = []

    def make(on: Folder = folder, **settings: str) -> HubProcess:
        if not on.root.exists():
            on.root.mkdir(mode=0o700)
            copyfile(priced_ledger, on.ledger)
        made.append(HubProcess(on, settings))
        return made[-1]

    yield make
    for hub in made:
        if hub.process is not None and hub.process.poll() is None:
            hub.process.kill()
            hub.process.wait()
