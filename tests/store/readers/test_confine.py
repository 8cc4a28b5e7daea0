"""Each lock of the operating system alone, as if DuckDB's had been picked: in a process that gave up its rights."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = """
import os, socket, sys
from pathlib import Path
from scalix.store.readers import confine
lake, outside = Path(sys.argv[1]), Path(sys.argv[2])
"""


def status(code: str, lake: Path, outside: Path) -> str:
    # Without an environment, as readers run, nobody who watches processes begins in here and is refused, too.
    command = [sys.executable, "-I", "-c", _HEAD + code, str(lake), str(outside)]
    run = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    return run.stdout.strip() + run.stderr.strip().rpartition("\n")[2].partition(":")[0]


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    lake, outside = tmp_path / "lake", tmp_path / "outside"
    for folder in (lake, outside):
        folder.mkdir()
        (folder / "file").write_text("content")
    return lake, outside


def test_no_file_can_grow(places: tuple[Path, Path]) -> None:
    code = "confine.give_up_writing()\nwith open(lake / 'file', 'ab', buffering=0) as f: f.write(b'x')"
    assert status(code, *places) == "OSError"
    assert (places[0] / "file").read_text() == "content"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print((lake / 'file').read_text())", "content"),
        ("print((outside / 'file').read_text())", "PermissionError"),
        ("print(Path('/proc/self/environ').read_bytes())", "PermissionError"),
        ("os.truncate(lake / 'file', 0)", "PermissionError"),
        ("(lake / 'new').touch()", "PermissionError"),
        ("(lake / 'file').unlink()", "PermissionError"),
        ("(lake / 'file').rename(lake / 'other')", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    ],
)
def test_only_the_lake_is_read_and_nothing_is_changed(places: tuple[Path, Path], code: str, said: str) -> None:
    told = status(f"if not confine.stay_within(lake): sys.exit('without')\n{code}", *places)
    if told == "without":
        pytest.skip("this kernel has no Landlock")
    assert told == said
    assert (places[0] / "file").read_text() == "content"
    assert [path.name for path in places[0].iterdir()] == ["file"]


def test_memory_is_bounded(places: tuple[Path, Path]) -> None:
    assert status("confine.bound_memory(2**26)\nbytes(2**28)", *places) == "MemoryError"
