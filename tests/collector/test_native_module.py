"""When the compiled module is used, and what reaches the host through it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from collector.identity import Attempt
from collector.native import COMPILED, ordinary
from collector.native.fingerprint import FINGERPRINT
from collector.recorder import Recorder
from collector.settings import Settings, from_environment
from hatch_build import fingerprint
from tests.collector.both_ways import NOW_NS, TICKS_NS, call

ROOT = Path(__file__).parents[2]
compiled = pytest.mark.skipif(not COMPILED, reason="the compiled module was not built here")


@compiled
@pytest.mark.parametrize(("value", "used"), [(None, True), ("", True), ("1", True), ("0", False), ("off", False)])
def test_it_can_be_switched_off(tmp_path: Path, value: str | None, used: bool) -> None:
    given_env = {"SCALIX_SPOOL": str(tmp_path)} | ({} if value is None else {"SCALIX_NATIVE": value})
    recorder = Recorder(from_environment(given_env))
    assert (recorder._ordinary is ordinary) is used
    recorder.opened(call())
    recorder.spool.close()
    (segment,) = tmp_path.glob("*.seg")
    assert segment.read_bytes().count(b'"kind":"opened"') == 1


@compiled
def test_what_is_the_hosts_to_handle_gets_through(tmp_path: Path) -> None:
    """A signal handler may raise while metadata is looked through, which is Python code."""
    recorder = Recorder(Settings(spool=tmp_path))

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    recorder._kept = interrupted  # type: ignore[assignment]  # what is kept takes settings, too
    with pytest.raises(KeyboardInterrupt):
        recorder.opened(call())
    recorder.spool.close()


@compiled
def test_details_may_change_while_metadata_is_kept() -> None:
    details = call()

    def kept(_: object) -> None:
        details["optional_params"] = {"max_tokens": 7}
        details["litellm_params"] = details["messages"] = None

    line = ordinary.opened(Attempt("call-1", 5), details, ("scalix_user",), kept, NOW_NS, TICKS_NS)
    assert line is None


@compiled
def test_a_module_of_other_sources_is_passed_over(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "collector", tmp_path / "collector", ignore=shutil.ignore_patterns("__pycache__"))
    says = [sys.executable, "-c", "from collector.native import COMPILED; print(COMPILED)"]
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    assert subprocess.check_output(says, env=env, cwd=tmp_path, text=True) == "True\n"
    (tmp_path / "collector" / "native" / "fingerprint.py").write_text("FINGERPRINT = 'of others'\n")
    assert subprocess.check_output(says, env=env, cwd=tmp_path, text=True) == "False\n"


def test_the_fingerprint_is_that_of_the_sources() -> None:
    assert fingerprint() == FINGERPRINT, "run `python hatch_build.py`"


def test_content_is_recorded_by_the_python_code(tmp_path: Path) -> None:
    recorder = Recorder(Settings(spool=tmp_path, record_content=True))
    recorder.opened(call())
    assert recorder.spool.path is not None
    assert b'"prompt":"' in recorder.spool.path.read_bytes()
    recorder.spool.close()
