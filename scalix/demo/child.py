"""The demo's child processes: the hub and the traffic, as a user would start them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scalix.errors import DemoError
from scalix.folder import HOME_VARIABLE
from scalix.hub.address import HubAddress, read_address
from scalix.hub.asking import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.folder import Folder

USUAL_PORT = 8510
START_S = 60.0
STOP_S = 20.0
POLL_S = 0.1


def environment(folder: Folder) -> dict[str, str]:
    """What a child is started with: the demo's folder, none of the user's own Scalix settings, no network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCALIX_")}
    return kept | {HOME_VARIABLE: str(folder.root), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


@contextmanager
def hub(folder: Folder, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the hub of this folder in a process of its own; it is asked to stop when the block ends."""
    command = [sys.executable, "-m", "scalix", "up", "--folder", str(folder.root), "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            command, env=environment(folder), stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        # Leaving the block by KeyboardInterrupt, Popen itself would wait a quarter of a second and no longer.
        process.wait()


def wait_for_hub(folder: Folder, process: subprocess.Popen[bytes], log: Path) -> HubAddress:
    """The address of the hub once it answers. Raises DemoError when it does not start."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        address = read_address(folder)
        if address is not None and address.pid == process.pid:
            return address
        time.sleep(POLL_S)
    raise DemoError(f"the hub did not start; its log {log} ends with: {log.read_text()[-500:]}")


def health(address: HubAddress) -> dict[str, Any]:
    """What the hub says about itself."""
    found: dict[str, Any] = json.loads(asked(address, "/v1/health", timeout_s=30))
    return found


def run_traffic(folder: Folder, url: str, *, requests: int, seconds: float, log: Path) -> dict[str, int]:
    """Runs the traffic to its end; how many requests the application made, and how it saw them end."""
    command = [sys.executable, "-m", "scalix.demo.traffic", "--url", url]
    size = ["--requests", str(requests), "--seconds", str(seconds)]
    with log.open("wb") as errors:
        done = subprocess.run(  # noqa: S603 - our own module, our own interpreter
            [*command, *size], env=environment(folder), stdout=subprocess.PIPE, stderr=errors, check=False
        )
    if done.returncode:
        raise DemoError(f"the traffic ended with {done.returncode}; its log {log} ends: {log.read_text()[-500:]}")
    seen: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return seen


def free_port() -> int:
    """The hub's usual port when nobody listens there, else 0, which takes any."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", USUAL_PORT)) == 0 else USUAL_PORT
