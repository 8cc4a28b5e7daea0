"""Hubs for the tests of this folder; whatever a test starts is ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hub.running import HubProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scalix.folder import Folder


@pytest.fixture
def new_hub(folder: Folder) -> Iterator[Callable[..., HubProcess]]:
    """Makes hubs, not started yet, on the test's folder; settings are given by their variables."""
    made: list[HubProcess] = []

    def make(on: Folder = folder, **settings: str) -> HubProcess:
        made.append(HubProcess(on, settings))
        return made[-1]

    yield make
    for hub in made:
        if hub.process is not None and hub.process.poll() is None:
            hub.process.kill()
            hub.process.wait()
