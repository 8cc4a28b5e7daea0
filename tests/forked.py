"""Processes of this project without the seconds that their imports take.

They are real processes, with a folder, an environment, output and signals of their own. They are forked from a server
(multiprocessing's) that has imported the heavy packages once, so that a hub begins in half the time.
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRELOADED = ["scalix.cli.app", "scalix.hub.server", "streamlit.web.server.starlette", "litellm", "openai"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_PRELOADED)
ROOT = Path(__file__).parents[1]
Output: TypeAlias = "tuple[str, str]"


class Forked:
    """A running ``python ...``, with what `subprocess.Popen` has under the same names."""

    def __init__(self, arguments: Sequence[str], *, env: Mapping[str, str] = os.environ, cwd: Path = ROOT) -> None:
        """``arguments`` begin with -m and a module, or -c and code. Error output goes where the other goes."""
        # Goes when this object goes.
        self._folder = tempfile.TemporaryDirectory(prefix="scalix-")
        self._places = (f"{self._folder.name}/out", f"{self._folder.name}/err")
        self._process = _context.Process(target=_run, args=(list(arguments), dict(env), str(cwd), self._places))
        self._process.start()
        self.pid: int = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """The exit status, a negative signal number, or None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """As `os.kill`, unless it has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def output(self) -> Output:
        """What it has printed until now, and what of it as errors."""
        first, second = (path.read_text(encoding="utf-8") if path.exists() else "" for path in map(Path, self._places))
        return first, second


def run(
    *arguments: str,
    env: Mapping[str, str] = os.environ,
    cwd: Path = ROOT,
    timeout: float | None = None,
    check: bool = False,
) -> subprocess.CompletedProcess[str]:
    """``python ...`` to its end, as `subprocess.run` does it with its output captured."""
    process = Forked(arguments, env=env, cwd=cwd)
    status = process.wait(timeout)
    output, errors = process.output()
    if check and status:
        raise subprocess.CalledProcessError(status, arguments, output, errors)
    return subprocess.CompletedProcess(arguments, status, output, errors)


def _run(arguments: list[str], env: dict[str, str], cwd: str, places: Output) -> None:
    # What the server's imports have registered is about threads that a fork does not have.
    atexit._clear()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, place in zip((1, 2), places, strict=True):
        os.dup2(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), number)
    sys.stdout = io.TextIOWrapper(open(1, "wb", buffering=0, closefd=False), write_through=True)  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", buffering=0, closefd=False), write_through=True)  # noqa: SIM115
    kind, what, *rest = arguments
    sys.argv = [what, *rest]
    sys.path.insert(0, cwd)
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<forked>", "exec"), {"__name__": "__main__"})
    finally:
        # multiprocessing ends its processes without them.
        atexit._run_exitfuncs()
