"""A configuration of LiteLLM as it is, extended; the admin's key; and workers that cannot start."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scalix.errors import SettingsError
from scalix.folder import Folder
from scalix.gateway.config import AUTHENTICATE, CALLBACKS, MASTER_KEY, extended, master_key, read_config, write_extended
from scalix.gateway.supervisor import serve
from tests.collector.conftest import PYTHON, environment

if TYPE_CHECKING:
    from pathlib import Path

MODELS = {"model_list": [{"model_name": "chat", "litellm_params": {"model": "openai/gpt-4o"}}]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.delenv(MASTER_KEY, raising=False)
    return Folder(tmp_path)


def test_what_is_there_is_kept_and_ours_is_added() -> None:
    cache: dict[str, Any] = {
        "cache": True,
        "cache_params": {"type": "local"},
        "callbacks": "mine.handler",
        "num_retries": 3,
    }
    given = {
        **MODELS,
        "litellm_settings": cache,
        "router_settings": {"timeout": 5},
        "general_settings": {"alerting": []},
    }
    made: dict[str, Any] = extended(given)
    assert made["litellm_settings"]["callbacks"] == ["mine.handler", *CALLBACKS]
    assert made["litellm_settings"] == {**cache, **made["litellm_settings"]}
    assert made["router_settings"] == {"timeout": 5}
    assert made["general_settings"] == {"alerting": [], "custom_auth": AUTHENTICATE}
    assert extended(made) == made, "extended once more it is the same"
    assert cache["callbacks"] == "mine.handler", "what was given is not changed"


def test_a_provider_map_of_ones_own_is_kept() -> None:
    own = {"provider": "house", "custom_handler": "house.handler"}
    made = extended({**MODELS, "litellm_settings": {"custom_provider_map": [own]}})
    assert [one["provider"] for one in made["litellm_settings"]["custom_provider_map"]] == ["house", "scalix-pro"]


@pytest.mark.parametrize("general", [{"custom_auth": "mine.auth"}, {"database_url": "postgresql://x"}])
def test_what_would_undo_the_gateway_is_refused(general: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="take"):
        extended({**MODELS, "general_settings": general})


@pytest.mark.parametrize("text", ["", "- a", "model_list: []", "{", "\x00"])
def test_what_names_no_models_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"config\.yaml"):
        read_config(tmp_path / "config.yaml")


def test_what_is_written_is_the_owners_alone(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(json.dumps(MODELS))
    written = write_extended(folder, tmp_path / "config.yaml")
    assert written.stat().st_mode & 0o777 == 0o600
    assert yaml.safe_load(written.read_text())["model_list"] == MODELS["model_list"]


def test_a_key_is_made_and_shown_once(folder: Folder) -> None:
    said: list[str] = []
    made = master_key(folder, MODELS, said.append)
    assert [made in one for one in said] == [True]
    assert master_key(folder, MODELS, said.append) == made
    assert len(said) == 1
    assert (folder.root / "master-key").stat().st_mode & 0o777 == 0o600


def test_a_key_of_the_configuration_or_the_environment_wins(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(said: str) -> None:
        pytest.fail(f"{said} was shown")

    monkeypatch.setenv("THEIRS", "sk-theirs")
    named = {**MODELS, "general_settings": {"master_key": "os.environ/THEIRS"}}
    assert master_key(folder, named, never) == "sk-theirs"
    assert master_key(folder, {**MODELS, "general_settings": {"master_key": "sk-inline"}}, never) == "sk-inline"
    monkeypatch.setenv(MASTER_KEY, "sk-environment")
    assert master_key(folder, named, never) == "sk-environment"
    assert not (folder.root / "master-key").exists()


def test_no_key_is_made_for_a_configuration_that_is_refused(folder: Folder, tmp_path: Path) -> None:
    config, said = tmp_path / "config.yaml", list[str]()
    config.write_text(json.dumps({**MODELS, "general_settings": {"database_url": "postgresql://x"}}))
    with pytest.raises(SettingsError, match="take database_url out"):
        serve(folder, config, host="127.0.0.1", port=0, workers=1, announce=said.append)
    assert said == []
    assert not (folder.root / "master-key").exists()


def test_workers_that_cannot_start_end_the_gateway_with_a_reason(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(json.dumps(MODELS))
    (tmp_path / "sitecustomize.py").write_text("import sys\nif 'scalix.gateway.worker' in sys.orig_argv: sys.exit(3)\n")
    command = [PYTHON, "-m", "scalix", "gateway", str(tmp_path / "config.yaml"), "--port", "0"]
    variables = environment(folder.spool)
    variables["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{variables['PYTHONPATH']}"
    done = subprocess.run(
        [*command, "--folder", str(tmp_path)], env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert "ended with 1" in done.stderr
    assert "workers do not start" in done.stderr
