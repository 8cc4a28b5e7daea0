"""The wheel lives beside a host application that has its own `collector`, `analytics` and `sql`, and breaks nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from collector.native import COMPILED

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.packaging,
    pytest.mark.timeout(600),
    pytest.mark.skipif("CI" not in os.environ, reason="needs a package index: runs in CI, or with CI=true"),
]

HOST = """
import collector, analytics, sql
assert collector.OWNER == "host", collector.__file__
assert hasattr(analytics, "Client"), analytics.__file__
assert hasattr(sql, "magic"), sql.__file__
import scalix
status = scalix.install(strict=True)
import litellm
litellm.completion(model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "hi"}], mock_response="ok")
import collector as again
assert again is collector and again.OWNER == "host"
assert sys.modules["scalix.collector"].__file__ != collector.__file__
print("recorded by", sys.modules["scalix.collector"].__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def build(root: Path, out: Path, env: dict[str, str] | None = None) -> Path:
    """The wheel of a checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(root)]
    subprocess.run(command, check=True, capture_output=True, env=env)
    (built,) = out.glob("*.whl")
    return built


def run(*command: object, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a command that must succeed, and what it printed."""
    done = subprocess.run(
        [str(part) for part in command], env=env, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(python: Path) -> list[object]:
    """The command that installs packages; uv where it is at hand, since pip takes minutes."""
    uv = Path(sys.executable).with_name("uv")
    return [uv, "pip", "install", "--quiet", "--python", python] if uv.exists() else [python, "-m", "pip", "install"]


def test_one_top_level_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {
        "scalix",
        f"scalix-{wheel.name.split('-')[1]}.dist-info",
    }
    assert "scalix/_parts/collector/hooks.py" in names
    assert "scalix/_parts/sql/schema/0001_ledger.sql" in names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_the_compiled_module_goes_along_unless_it_is_left_out(wheel: Path, tmp_path: Path) -> None:
    compiled = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]
    fits_any_python = wheel.name.endswith("-py3-none-any.whl")
    assert fits_any_python == (not compiled)
    assert COMPILED or shutil.which("cc") is None, "what runs here is not what a machine with a compiler installs"
    copy = shutil.copytree(ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(".*", "tests", "*.so"))

    without = build(copy, tmp_path / "dist", env=os.environ | {"SCALIX_NATIVE": "off"})

    assert without.name.endswith("-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(without).namelist() if name.endswith(".so")]


def test_beside_a_host_with_the_same_names(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    run(sys.executable, "-m", "venv", environment)
    python = environment / "bin" / "python"
    run(*install(python), wheel, "analytics-python", "jupysql", "ipython", "litellm==1.106.2")
    host = tmp_path / "host"
    (host / "collector").mkdir(parents=True)
    (host / "collector" / "__init__.py").write_text("OWNER = 'host'\n")
    (host / "app.py").write_text("import sys\n" + HOST)
    env = os.environ | {"SCALIX_HOME": str(tmp_path / "home"), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    env.pop("PYTHONPATH", None)

    printed = run(python, host / "app.py", env=env, cwd=host)

    assert "recorded by" in printed
    (segment,) = (tmp_path / "home" / "spool").glob("*.seg")
    assert b'"kind":"success"' in segment.read_bytes()
    without_hub = subprocess.run(
        [environment / "bin" / "scalix", "up"], env=env, capture_output=True, text=True, check=False
    )
    assert without_hub.returncode == 2
    assert "pip install 'scalix[hub]'" in without_hub.stderr
