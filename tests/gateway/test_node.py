"""Official clients for Node as they are: the guide in TypeScript with OpenAI's, and Anthropic's messages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.running import MASTER, Gateway

pytestmark = pytest.mark.node
SOURCES = Path(__file__).parent / "node"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs, checked and compiled against the clients of ``package-lock.json``."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no Node")
    place = tmp_path_factory.mktemp("node") / "programs"
    shutil.copytree(SOURCES, place, ignore=shutil.ignore_patterns("node_modules", "built"))
    install = [npm, "ci", "--no-audit", "--no-fund", "--prefer-offline"]
    if subprocess.run(install, cwd=place, capture_output=True, timeout=PATIENCE_S, check=False).returncode:
        pytest.skip("no package index for the clients")
    built = subprocess.run(
        [npm, "run", "--silent", "build"], cwd=place, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert built.returncode == 0, built.stdout
    return place / "built"


def told(program: Path, **variables: str) -> dict[str, Any]:
    """What a program prints."""
    done = subprocess.run(
        ["node", str(program)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_guide_in_typescript(gateway: Gateway, programs: Path) -> None:
    key = gateway.key(1, user_id="guide-node")
    assert told(programs / "guide.js", GATEWAY=gateway.base, MASTER=MASTER, KEY=key) == {
        "chat": "hello world",
        "streamed": "abcde",
        "tool": "weather",
        "embedding": [0.1, 0.2],
        "response": "hello world",
        "response_streamed": ["abcde", "response.completed"],
        "refused": [429, "budget_exceeded", "key"],
        "credits": {"userId": "guide-node-user", "totalCredits": 10, "used": True},
        "remaining": True,
        "pro": True,
        "pro_streamed": True,
    }


def test_anthropics_client_chats_streams_and_understands_refusals(gateway: Gateway, programs: Path) -> None:
    key = gateway.key(1)
    assert told(programs / "messages.js", GATEWAY=gateway.base, KEY=key, POOR=gateway.key(1e-9)) == {
        "chat": "hello world",
        "counted": True,
        "streamed": "hello",
        "collected": "hello",
        "wrong": ["AuthenticationError", 401],
        "poor": ["RateLimitError", 429],
    }
    assert gateway.settled(key).account.spent_usd > 0
