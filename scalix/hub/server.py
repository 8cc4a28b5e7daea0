"""Runs the hub: opens the ledger, starts its work, and serves dashboard and API on one port until told to stop."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import uuid
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from analytics import reading
from analytics.api import Api
from analytics.asking import desk
from analytics.budgets.api import BudgetsApi
from analytics.health import Progress
from analytics.imports.depositing import Depositor
from analytics.imports.routes import IngestApi
from analytics.intake.receiving import Receiver
from analytics.places import network_file_system
from scalix.errors import SettingsError
from scalix.hub.access import PasswordGate
from scalix.hub.address import HubAddress, address_file, write_address
from scalix.hub.ledgers import open_control, open_ledger
from scalix.hub.page import dashboard_app
from scalix.hub.roles import passwords
from scalix.hub.scopes import Scopes
from scalix.hub.sessions import Sessions
from scalix.hub.work import Work
from scalix.listening import bind, is_loopback, url_of
from scalix.release import release
from scalix.store.readers.pool import Pool
from scalix.store.readers.wire import Limits
from scalix.times import now_us

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Iterator

    from scalix.folder import Folder
    from scalix.settings import Settings

GRACE_S = 3
"""Open pages keep their WebSocket for good; at a stop they are cut off after so many seconds."""
_log = logging.getLogger(__name__)


def run(folder: Folder, settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. ``announce`` is given the address once it answers.

    Raises ScalixError when the hub may not or cannot start: unprotected address, address in use, folder in use.
    """
    refuse_unprotected(settings)
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _warn_of_network(folder)
    with (
        closing(open_ledger(folder, settings)) as ledger,
        closing(open_control(folder, settings, ledger)) as control,
        closing(Receiver(folder)) as receiver,
        closing(Depositor(folder.spool)) as depositor,
        closing(bind(settings.host, settings.port)) as bound,
        closing(_readers(folder, settings)) as readers,
    ):
        receiver.start()
        progress = Progress()
        address = _address(bound)
        work = Work(ledger, control, folder, settings, progress, owner=uuid.uuid4().hex)
        scopes = Scopes(settings, address.token)
        api = Api(
            ledger,
            control,
            folder,
            progress,
            receiver,
            may_read=partial(scopes.may, "read"),
            may_send=partial(scopes.may, "ingest"),
            most_bytes=settings.ship_max_bytes,
        )
        budgets = BudgetsApi(partial(scopes.may, "read"), partial(scopes.may, "admin"))
        ingest = IngestApi(partial(scopes.may, "ingest"), settings.ingest_max_bytes, depositor)
        reading.read_from(ledger, lambda: progress.lag_bytes, control)
        desk.ask_through(readers, folder.queries)

        @asynccontextmanager
        async def lifespan(_app: Any) -> AsyncIterator[None]:
            async with _working(work, readers, address):
                announce(address.url)
                yield

        sessions = Sessions(passwords(settings)) if settings.password is not None else None
        gates = [] if sessions is None else [Middleware(PasswordGate, sessions=sessions)]
        routes = [*api.routes(), *budgets.routes(), *ingest.routes()]
        app = dashboard_app(settings, sessions, routes=routes, middleware=gates, lifespan=lifespan)
        _serve(app, bound, settings)


@asynccontextmanager
async def _working(work: Work, readers: Pool, address: HubAddress) -> AsyncIterator[None]:
    """Jobs run and the address is published until the block ends; pages have nothing to read any more then."""
    await run_in_threadpool(work.start)
    await run_in_threadpool(readers.start_one)
    write_address(work.folder, address)
    try:
        yield
    finally:
        await run_in_threadpool(work.stop)
        address_file(work.folder).unlink(missing_ok=True)
        reading.read_from(None)
        desk.ask_through(None)


def refuse_unprotected(settings: Settings) -> None:
    """Raise SettingsError when others could reach the hub without signing in."""
    if settings.password is None and (settings.operator_password or settings.viewer_password):
        raise SettingsError("there are passwords for operators or viewers and none for admins: set SCALIX_PASSWORD")
    if is_loopback(settings.host) or settings.password is not None or settings.secrets_file is not None:
        return
    raise SettingsError(
        f"host {settings.host} can be reached from other machines, and nothing asks who they are: "
        "set SCALIX_PASSWORD, or SCALIX_SECRETS_FILE to a Streamlit secrets file with an [auth] section, "
        "or listen on 127.0.0.1"
    )


def _serve(app: Any, bound: socket.socket, settings: Settings) -> None:
    config = uvicorn.Config(
        app,
        workers=1,
        log_level=settings.log_level,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        ws="websockets-sansio",
        server_header=False,
    )
    with _stopped_gracefully():
        uvicorn.Server(config).run(sockets=[bound])


@contextmanager
def _stopped_gracefully() -> Iterator[None]:
    """Once it has stopped, uvicorn raises the signal again; by then it has been heeded, and the exit status is 0."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in handlers:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _readers(folder: Folder, settings: Settings) -> Pool:
    limits = Limits(
        memory_bytes=settings.sql_memory_bytes,
        time_s=settings.sql_time_limit_s,
        rows=settings.sql_max_rows,
        bytes=settings.sql_max_bytes,
    )
    return Pool(folder.lake_views, readers=settings.sql_readers or max(2, os.cpu_count() or 2), limits=limits)


def _address(bound: socket.socket) -> HubAddress:
    return HubAddress(
        url=url_of(bound),
        pid=os.getpid(),
        token=secrets.token_urlsafe(32),
        version=release(),
        started_us=now_us(),
    )


def _warn_of_network(folder: Folder) -> None:
    kind = network_file_system(folder.spool)
    if kind is not None:
        _log.warning("the spool %s lies on a network file system (%s): see `scalix doctor`", folder.spool, kind)
