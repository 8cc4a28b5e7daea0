"""What every test folder shares: the fake providers, and an environment that is nobody's own."""

from __future__ import annotations

import os
from shutil import copyfile
from typing import TYPE_CHECKING

import pytest

from scalix.demo.providers.process import FakeProviders, fake_providers
from scalix.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger

# LiteLLM reads it at import; without it the price map is fetched over the network.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


@pytest.fixture(autouse=True)
def no_home_of_the_developer(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps tests away from the folder in which somebody's real installation lives."""
    monkeypatch.setenv("SCALIX_HOME", str(tmp_path_factory.getbasetemp() / "no-home"))


@pytest.fixture(scope="session")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeProviders]:
    """One process of fake providers for the whole session.

    Give each test a provider of its own by making up a name (``openai-retry``): profiles, queued faults and the log
    belong to the name. Without faults or a profile every call is answered at once.
    """
    with fake_providers(tmp_path_factory.mktemp("providers")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A Scalix folder that does not exist yet."""
    return Folder(tmp_path / "home")


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a ledger in which nothing was ever written. To make one takes longer than many tests do."""
    from scalix.store.ledger import Ledger  # noqa: PLC0415 - heavy, and many tests have none

    made = Folder(tmp_path_factory.mktemp("empty-ledger"))
    Ledger.open(made).close()
    return made.ledger


@pytest.fixture
def ledger(folder: Folder, empty_ledger: Path) -> Iterator[Ledger]:
    """Its ledger, new and open."""
    from scalix.store.ledger import Ledger  # noqa: PLC0415 - heavy, and many tests have none

    folder.root.mkdir(mode=0o700, parents=True)
    copyfile(empty_ledger, folder.ledger)
    opened = Ledger.open(folder)
    yield opened
    opened.close()


@pytest.fixture
def ledger_views(ledger: Ledger) -> None:
    """Its views, too, as the hub defines them at its start."""
    from scalix.store import views  # noqa: PLC0415 - heavy, and many tests have none

    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)


@pytest.fixture
def control(folder: Folder) -> Iterator[ControlStore]:
    """Its control store, new and open."""
    from scalix.store.control import ControlStore  # noqa: PLC0415 - heavy, and many tests have none

    opened = ControlStore.in_folder(folder)
    yield opened
    opened.close()
