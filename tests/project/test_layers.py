"""The layers are contracts: each of them fails when it is broken on purpose."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("scalix", "collector", "analytics", "routing", "dashboard")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the packages and their contracts that a test may damage."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_contracts_hold(checkout: Path) -> None:
    answer = lint(checkout)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("analytics/stray.py", "import dashboard.app", "data's way"),
        ("collector/stray.py", "import analytics", "data's way"),
        ("scalix/times.py", "import scalix.store", "data's way"),
        ("collector/stray.py", "import polars", "other people's processes"),
        ("scalix/events.py", "import httpx", "other people's processes"),
        ("collector/stray.py", "import litellm", "takes seconds"),
        ("analytics/stray.py", "import litellm", "takes seconds"),
        ("dashboard/stray.py", "import scalix.store", "never the store"),
    ],
)
def test_a_breach_is_named(checkout: Path, module: str, line: str, contract: str) -> None:
    target = checkout / module
    target.write_text((target.read_text() if target.exists() else "") + f"\n{line}\n")

    answer = lint(checkout)

    assert answer.returncode == 1, answer.stdout
    broken = [row for row in answer.stdout.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), answer.stdout


def test_one_module_opens_duckdb() -> None:
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    opening = {str(path.relative_to(ROOT)) for path in sources if "duckdb.connect" in path.read_text()}

    assert len(opening) == 1, opening
    assert opening.pop().startswith("scalix/store/")
