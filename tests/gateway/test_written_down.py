"""Keys that have been used in every way are found nowhere: not in a file, a log, or a dump of the control store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from analytics.access.pepper import START
from tests.gateway.running import HTTP, MASTER, Gateway

if TYPE_CHECKING:
    from pathlib import Path


def _use(gateway: Gateway, key: str) -> None:
    for model in ("chat", "failing", "nothing", "claude"):
        gateway.post(key, model=model)
    gateway.post(key, stream=True)
    gateway.post(key, api_base=key)
    gateway.post(key, path="/v1/messages", model="claude")
    gateway.ask(key, "GET", f"/key/info?key={key}")
    gateway.ask(MASTER, "GET", f"/key/info?key={key}")
    gateway.ask(key, "POST", "/key/generate", key_alias=key)
    HTTP.get(f"{gateway.base}/v1/models", headers={"x-api-key": key})
    HTTP.get(f"{gateway.base}/{key}", headers={"Authorization": f"Bearer {key}x"})


def _dump(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()).encode()


def _content(path: Path) -> bytes:
    """A file's bytes. The hub goes on meanwhile, and replaces files of the lake."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_no_key_is_written_down(gateway: Gateway) -> None:
    made = gateway.ask(MASTER, "POST", "/key/generate", key_alias="nowhere", max_budget=1).json()["key"]
    rotated = gateway.ask(MASTER, "POST", "/key/regenerate", key="nowhere", grace_period="1h").json()["key"]
    for key in (made, rotated):
        _use(gateway, key)
    gateway.settled(rotated)
    keys = [*gateway.made, made, rotated]
    secrets = [key.removeprefix(START).partition("-")[2].encode() for key in keys]
    files = [path for path in gateway.folder.root.rglob("*") if path.is_file()]
    assert {"log", "control.sqlite", "gateway.yaml"} <= {path.name for path in files}
    assert any(path.suffix == ".seg" for path in files)
    written = b"".join(_content(path) for path in files) + _dump(gateway.folder.control)
    assert [secret for secret in secrets if secret in written] == []
    private = [path for path in files if path.name.startswith(("control.", "pepper", "gateway.yaml", "master-key"))]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
