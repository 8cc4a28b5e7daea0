"""`scalix gateway`: workers that share one port, started again when they die."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics.access import address
from analytics.access.till import forsake
from scalix.errors import ScalixError, StoreError
from scalix.gateway.config import MASTER_KEY, master_key, read_config, write_extended
from scalix.gateway.loader import Loader
from scalix.listening import bind, url_of
from scalix.store.control import ControlStore
from scalix.times import now_us

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scalix.folder import Folder

SHORT_LIFE_S = 30.0
MOST_SHORT_LIVES = 5
"""So many workers that die soon after they started, one after the other, end the gateway: it cannot work."""
TICK_S = 0.2


class GatewayError(ScalixError):
    """The workers cannot run."""


@dataclass
class Worker:
    """One process. ``owner`` is the name under which it reserves."""

    owner: str
    asked: float = field(default_factory=time.monotonic)
    process: int | None = None
    """None until it is there."""
    code: int | None = None
    """How it ended."""


class Supervisor:
    """Keeps so many workers running until it is told to stop."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], bound: socket.socket, control: ControlStore
    ) -> None:
        self._command = command
        self._environment = environment
        self._socket = bound
        self._control = control
        self._stopping = threading.Event()
        self._short_lives = 0
        self._loaded: Loader | None = None
        self._workers: list[Worker] = []

    def run(self, count: int) -> None:
        """Serve until `stop`. Raises GatewayError when workers do not stay alive."""
        self._workers = [self._start() for _ in range(count)]
        try:
            while not self._stopping.wait(TICK_S):
                if self._loaded is not None and not self._loaded.look(self._workers):
                    self._loaded = None
                self._workers = [self._kept(worker) for worker in self._workers]
        finally:
            if self._loaded is not None:
                self._loaded.end(self._workers)
            for worker in self._workers:
                self._settle(worker)

    def stop(self) -> None:
        """Have `run` return."""
        self._stopping.set()

    def _start(self) -> Worker:
        if self._loaded is None:
            self._loaded = Loader(self._command, self._environment, self._socket)
        worker = Worker(uuid4().hex)
        self._loaded.start(worker.owner)
        return worker

    def _kept(self, worker: Worker) -> Worker:
        """The worker, or another one in its place."""
        if worker.code is None:
            return worker
        self._settle(worker)
        lived_s = time.monotonic() - worker.asked
        self._short_lives = self._short_lives + 1 if lived_s < SHORT_LIFE_S else 0
        sys.stderr.write(f"scalix: worker {worker.process or ''} ended with {worker.code}\n")
        if self._short_lives >= MOST_SHORT_LIVES:
            raise GatewayError(f"the gateway's workers do not start: {MOST_SHORT_LIVES} in a row ended at once")
        return self._start()

    def _settle(self, worker: Worker) -> None:
        """What a dead worker had reserved counts as spent until the ledger knows better."""
        with suppress(StoreError):
            forsake(self._control, worker.owner, now_us)


def serve(folder: Folder, config: Path, *, host: str, port: int, workers: int, announce: Callable[[str], None]) -> None:
    """Run the gateway until it is told to stop. Raises ScalixError when it cannot."""
    with closing(ControlStore.in_folder(folder)) as control, closing(bind(host, port)) as bound:
        # Before a key is made, which is shown but once: what may be refused.
        extended = write_extended(folder, config)
        key = master_key(folder, read_config(config), announce)
        environment = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            **os.environ,
            "SCALIX_HOME": str(folder.root),
            "CONFIG_FILE_PATH": str(extended),
            MASTER_KEY: key,
        }
        beside = str(config.expanduser().resolve().parent)
        command = [sys.executable, "-m", "scalix.gateway.worker", "--beside", beside]
        supervisor = Supervisor(command, environment, bound, control)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: supervisor.stop())
        url = url_of(bound)
        address.write(folder, address.GatewayAddress(url, workers, now_us()))
        announce(f"The gateway listens at {url}; `scalix key create` makes keys for it")
        try:
            supervisor.run(workers)
        finally:
            address.remove(folder)
