"""Starting the fake providers in a process of their own, and talking to it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalix.demo.providers.log import Request, read_requests
from scalix.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASES = {
    "openai": "{url}/{name}/v1",
    "openrouter": "{url}/{name}/v1",
    "lmstudio": "{url}/{name}/v1",
    "azure": "{url}/{name}",
    "anthropic": "{url}/{name}",
    "gemini": "{url}/{name}/v1beta",
    "ollama": "{url}/{name}",
    "engine": "{url}/{name}/v1",
    "gateway": "{url}/{name}/v1",
}
"""What LiteLLM wants as ``api_base`` for each format."""


@dataclass(frozen=True)
class FakeProviders:
    """A running process of fake providers. Any name such as ``openai-7`` will do; each has its log."""

    url: str
    folder: Path

    def api_base(self, name: str) -> str:
        """The ``api_base`` under which LiteLLM reaches this provider."""
        return BASES[name.partition("-")[0]].format(url=self.url, name=name)

    def requests(self, name: str = "*") -> list[Request]:
        """What one provider, or every one, has logged so far: finished requests in order of arrival."""
        return read_requests(self.folder, name)

    def control(self, name: str, *, faults: tuple[str, ...] = (), profile: dict[str, Any] | None = None) -> None:
        """Queues faults for the next requests of a provider, or changes how it behaves."""
        body = json.dumps({"provider": name, "faults": faults, "profile": profile or {}}).encode()
        _ask(f"{self.url}/_control", body)

    def in_flight(self) -> int:
        """Requests that a provider has taken but not finished."""
        return int(json.loads(_ask(f"{self.url}/_status"))["in_flight"])


def _ask(url: str, body: bytes | None = None) -> bytes:
    # S310 is about schemes from outside; these URLs are our own loopback server's.
    with urllib.request.urlopen(url, data=body, timeout=10) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


@contextmanager
def fake_providers(folder: Path, *, seed: int = 42, profile: str = "instant", port: int = 0) -> Iterator[FakeProviders]:
    """Runs the fake providers in a process of their own for as long as the block lasts."""
    command = [sys.executable, "-m", "scalix.demo.providers", "--folder", str(folder), "--seed", str(seed)]
    with subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
        [*command, "--profile", profile, "--port", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield FakeProviders(_first_line(process), folder)
        finally:
            _close_input(process)


def _first_line(process: subprocess.Popen[str]) -> str:
    url = process.stdout.readline().strip() if process.stdout else ""
    if not url:
        raise DemoError(f"the fake providers ended with status {process.wait()}; their error is printed above")
    return url


def _close_input(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.close()
    process.wait(timeout=10)
