"""A control store to keep keys in: SQLite, and Postgres where there is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from analytics.access import issuing
from analytics.access.limits import Limits
from analytics.access.pepper import pepper_of
from scalix.store.control import ControlStore
from scalix.store.tables.access import charges
from tests.analytics.access.holder import Hands, Holder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.folder import Folder

POSTGRES = "postgresql+psycopg://root@127.0.0.1:5432/"


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    server = sa.create_engine(f"{POSTGRES}postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"scalix_{uuid4().hex}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError:
        pytest.skip("no Postgres on 127.0.0.1:5432")
    yield POSTGRES + name
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def database(_server: str) -> Iterator[str]:
    """The URL of a Postgres database without a row; skips where there is no server."""
    yield _server
    engine = sa.create_engine(_server)
    with engine.begin() as connection:
        found = sa.inspect(connection).get_table_names()
        connection.execute(sa.text(f"TRUNCATE {', '.join(found)}"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def control(request: pytest.FixtureRequest, folder: Folder) -> Iterator[ControlStore]:
    folder.root.mkdir(exist_ok=True)
    if request.param == "postgres":
        opened = ControlStore(request.getfixturevalue("database"))
    else:
        opened = ControlStore.in_folder(folder)
    yield opened
    opened.close()


@pytest.fixture
def pepper(folder: Folder) -> bytes:
    folder.root.mkdir(exist_ok=True)
    return pepper_of(folder)


@pytest.fixture
def make(control: ControlStore, pepper: bytes) -> Any:
    def made(**limits: Any) -> Holder:
        _, identifier = issuing.mint(control, pepper, by="test", limits=Limits(**limits))
        return Holder(control, identifier, (("key", identifier),), Hands())

    return made


@pytest.fixture
def no_leftovers(control: ControlStore) -> Iterator[None]:
    """In every state what is held is what the charges say."""
    yield
    with control.reading() as connection:
        held = connection.execute(
            sa.text("SELECT coalesce(sum(held_pusd), 0), coalesce(sum(calls_held), 0) FROM gateway_accounts")
        ).one()
        rows = connection.execute(sa.select(charges).where(charges.c.state == "held")).all()
    kinds = [len(json.loads(row.accounts)) for row in rows]
    assert (int(held[0]), int(held[1])) == (
        sum(row.amount_pusd * count for row, count in zip(rows, kinds, strict=True)),
        sum(kinds),
    )
