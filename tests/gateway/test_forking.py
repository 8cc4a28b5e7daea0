"""Workers forked from one process: each end is told of, none is left behind, and no secret is printed."""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from scalix.gateway.loader import Loader
from scalix.gateway.supervisor import Worker
from tests.collector.conftest import PYTHON, until

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "sk-ant-api03-" + "k" * 40
PROGRAM = f"""
import argparse, signal, socket
from scalix.gateway.forking import forked
parser = argparse.ArgumentParser()
parser.add_argument("--socket")
parser.add_argument("--control", type=int)
owner = forked(socket.socket(fileno=parser.parse_args().control))
if owner:
    print("{SECRET} works for", owner, flush=True)
    signal.pause()
"""


@pytest.fixture
def loader() -> Iterator[Loader]:
    """One whose workers do nothing but wait."""
    with socket.socket() as bound:
        made = Loader([PYTHON, "-c", PROGRAM], dict(os.environ), bound)
        yield made
        made.end(())


@pytest.fixture
def workers(loader: Loader) -> list[Worker]:
    return _two(loader)


def _two(loader: Loader) -> list[Worker]:
    made = [Worker(uuid4().hex) for _ in range(2)]
    for worker in made:
        loader.start(worker.owner)
    until(lambda: loader.look(made) and all(worker.process for worker in made), 30)
    return made


def _alive(worker: Worker) -> bool:
    try:
        os.kill(worker.process or 0, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_is_told_of_and_the_other_works_on(loader: Loader, workers: list[Worker]) -> None:
    assert workers[0].process
    os.kill(workers[0].process, signal.SIGKILL)
    until(lambda: loader.look(workers) and workers[0].code is not None, 30)
    assert [worker.code for worker in workers] == [-signal.SIGKILL, None]
    assert _alive(workers[1])


def test_without_the_process_they_came_from_all_are_ended(loader: Loader, workers: list[Worker]) -> None:
    os.kill(loader.process, signal.SIGKILL)
    until(lambda: not loader.look(workers), 30)
    assert [worker.code for worker in workers] == [-signal.SIGKILL] * 2
    until(lambda: not any(_alive(worker) for worker in workers), 30)


def test_at_the_end_none_is_left(loader: Loader, workers: list[Worker]) -> None:
    loader.end(workers)
    assert not any(_alive(worker) for worker in workers)


def test_what_they_print_goes_out_without_secrets(loader: Loader, capfd: pytest.CaptureFixture[str]) -> None:
    workers, said = _two(loader), [""]

    def all_have_spoken() -> bool:
        said.append(capfd.readouterr().err)
        return all(f"works for {worker.owner}" in "".join(said) for worker in workers)

    until(all_have_spoken, 30)
    assert SECRET not in "".join(said)
