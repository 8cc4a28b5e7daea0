"""Workers forked from a process that has loaded LiteLLM once: that takes seconds, and its memory is shared.

The supervisor tells that process over a Unix socket: an owner of 32 letters and, with it, where the worker's output
goes. It tells back eight bytes each: which process, and how that ended, or `STARTED`. Once the supervisor is gone, the
workers are ended too.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
from contextlib import suppress
from struct import Struct

OWNER_BYTES = 32
STARTED = -1000
NEWS = Struct("!ii")
TICK_S = 0.2
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def forked(control: socket.socket) -> str | None:
    """Fork as told. Returns the owner in each worker, and None in this process once the supervisor is gone."""
    gc.collect()
    gc.freeze()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the supervisor says when it is over
    workers: set[int] = set()
    with suppress(BrokenPipeError, ConnectionResetError):
        while True:
            if select.select([control], [], [], TICK_S)[0]:
                owner, outputs, _, _ = socket.recv_fds(control, OWNER_BYTES, 1)
                if not owner:
                    break
                process = os.fork()
                if process == 0:
                    _become_worker(control, outputs[0])
                    return owner.decode()
                os.close(outputs[0])
                workers.add(process)
                control.sendall(NEWS.pack(process, STARTED))
            for process, code in _ended(workers):
                control.sendall(NEWS.pack(process, code))
    _end(workers)
    gc.unfreeze()
    return None


def _become_worker(control: socket.socket, output: int) -> None:
    control.close()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)


def _ended(workers: set[int]) -> list[tuple[int, int]]:
    """Those that have ended since the last time, and their exit codes."""
    found = []
    for worker in list(workers):
        process, status = os.waitpid(worker, os.WNOHANG)
        if process:
            workers.discard(process)
            found.append((process, os.waitstatus_to_exitcode(status)))
    return found


def _end(workers: set[int]) -> None:
    for process in workers:
        os.kill(process, signal.SIGTERM)
    for process in workers:
        os.waitpid(process, 0)
