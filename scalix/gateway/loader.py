"""The supervisor's side of `forking`: the process that has loaded LiteLLM, and what it tells of its workers."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from collector.scrub import without_secrets
from scalix.gateway.forking import NEWS, STARTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scalix.gateway.supervisor import Worker

STOP_S = 20.0


class Loader:
    """One process that forks workers. What it and they print goes out line by line, without secrets."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], bound: socket.socket) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our interpreter
                [*command, "--socket", str(bound.fileno()), "--control", str(theirs.fileno())],
                env=environment,
                pass_fds=[bound.fileno(), theirs.fileno()],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        if self._process.stdout:
            _forward(self._process.stdout)

    @property
    def process(self) -> int:
        """Its number."""
        return self._process.pid

    def start(self, owner: str) -> None:
        """Ask for a worker."""
        ours, theirs = os.pipe()
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # `look` will find it dead
                socket.send_fds(self._control, [owner.encode()], [theirs])
        finally:
            os.close(theirs)
        _forward(os.fdopen(ours, "rb"))

    def look(self, workers: Iterable[Worker]) -> bool:
        """Write down what has become of the workers. False when all of them are gone, and this process too."""
        with suppress(ConnectionResetError):
            while select.select([self._control], [], [], 0)[0] and (news := self._control.recv(NEWS.size)):
                process, code = NEWS.unpack(news)
                if code == STARTED:
                    next(one for one in workers if one.process is None and one.code is None).process = process
                for worker in workers:
                    if worker.process == process and code != STARTED:
                        worker.code = code
        if self._process.poll() is None:
            return True
        self._kill(workers)
        for worker in workers:
            worker.code = self._process.returncode if worker.code is None else worker.code
        return False

    def end(self, workers: Iterable[Worker]) -> None:
        """Have all of them end what they are doing, and kill those that do not."""
        self._control.close()
        if not any(worker.process for worker in workers):
            self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._kill(workers)
            self._process.kill()
            self._process.wait()

    @staticmethod
    def _kill(workers: Iterable[Worker]) -> None:
        for worker in workers:
            if worker.process is not None and worker.code is None:
                with suppress(ProcessLookupError):
                    os.kill(worker.process, signal.SIGKILL)


def _forward(output: IO[bytes]) -> None:
    """What a process prints, without what looks like a secret: LiteLLM logs what providers say."""

    def lines() -> None:
        with output:
            for line in output:
                sys.stderr.write(without_secrets(line.decode("utf-8", "replace")))
                sys.stderr.flush()

    threading.Thread(target=lines, daemon=True).start()
