"""The command line: its errors, its exit codes, and what it says when packages are missing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from scalix.errors import SettingsError
from scalix.folder import Folder
from scalix.settings import Settings, load, settings_table, unknown_variables
from tests.forked import ROOT
from tests.hub.running import scalix

if TYPE_CHECKING:
    from pathlib import Path


def test_without_the_hubs_packages_it_says_how_to_get_them(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p];"
        f"sys.path.insert(0, {str(ROOT)!r}); from scalix.__main__ import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert "\n  pip install 'scalix[hub]'\n" in ended.stderr


def test_packages_of_the_same_name_in_the_working_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "analytics").mkdir()
    (tmp_path / "analytics" / "__init__.py").write_text("raise SystemExit('the wrong one')")

    ended = subprocess.run(
        [sys.executable, "-m", "scalix", "doctor", "--folder", str(tmp_path / "home")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "the wrong one" not in ended.stderr + ended.stdout


def test_version_and_usage() -> None:
    assert scalix("version").stdout.startswith("scalix ")
    assert scalix("nonsense").returncode == 2
    assert scalix("ship").returncode == 2


def test_errors_are_one_line_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "scalix.toml").write_text("prt = 1\n")

    ended = scalix("up", "--folder", str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr == f"scalix: {tmp_path}/scalix.toml: unknown setting prt; did you mean port?\n"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scalix.toml").write_text('port = 9000\nhost = "::1"\n')
    monkeypatch.setenv("SCALIX_PORT", "9001")

    settings = load(Folder(tmp_path))

    assert (settings.host, settings.port) == ("::1", 9001)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('port = "x"', "setting port"),
        ("port = 70000", "setting port"),
        ('memory_limit = "lots"', "setting memory_limit"),
        ("port = ", "cannot be read"),
        ("[server]\nport = 1", "unknown setting server"),
    ],
)
def test_wrong_files_are_refused_with_the_key_at_fault(text: str, part: str, tmp_path: Path) -> None:
    (tmp_path / "scalix.toml").write_text(text)

    with pytest.raises(SettingsError, match=part):
        load(Folder(tmp_path))


def test_variables_that_nothing_reads_are_reported() -> None:
    environment = {"SCALIX_PROT": "1", "SCALIX_HOME": "x", "SCALIX_RECORD_CONTENT": "1", "OTHER": "1"}

    assert unknown_variables(environment) == ["variable SCALIX_PROT is not a setting; did you mean SCALIX_PORT?"]


def test_every_setting_is_documented_and_secrets_are_not_shown() -> None:
    rows = settings_table()

    assert [row.name for row in rows] == list(Settings.model_fields)
    assert all(row.doc.endswith(".") for row in rows)
    assert "sesame" not in repr(Settings(password=SecretStr("sesame")))
