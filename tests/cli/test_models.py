"""``scalix models``: what can be called, for people and for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from routing.catalogue.known import PROVIDERS
from scalix.cli.app import app
from scalix.errors import NotConfiguredError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for known in PROVIDERS.values():
        for variable in (*known.keys, *known.bases):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    (tmp_path / "providers.toml").write_text('[groups]\nfast = ["openai/gpt-4o-mini"]\n')
    return str(tmp_path)


def test_models_have_their_list_prices(folder: str) -> None:
    shown = CliRunner().invoke(app, ["models", "--folder", folder, "--json"])
    assert json.loads(shown.output) == {
        "models": [
            {
                "name": "openai/gpt-4o-mini",
                "litellm": "openai/gpt-4o-mini",
                "configured": True,
                "context_tokens": 128_000,
                "input_usd": 0.15,
                "output_usd": 0.6,
            }
        ],
        "groups": {"fast": ["openai/gpt-4o-mini"]},
    }
    everything = CliRunner().invoke(app, ["models", "openai", "--all", "--json", "--folder", folder]).output
    configured = {model["name"]: model["configured"] for model in json.loads(everything)["models"]}
    assert (configured["openai/gpt-4o-mini"], configured["openai/gpt-4o"]) == (True, False)
    assert "128,000" in CliRunner().invoke(app, ["models", "--folder", folder]).output
    assert "secret" not in shown.output + everything


def test_what_is_not_configured_is_said(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = CliRunner().invoke(app, ["models", "google", "--folder", folder])
    assert isinstance(refused.exception, NotConfiguredError)
    assert "set GEMINI_API_KEY" in str(refused.exception)
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OLLAMA_API_BASE", "http://127.0.0.1:11434")
    refused = CliRunner().invoke(app, ["models", "--folder", folder])
    assert "openai is not configured" in str(refused.exception), "the group names it"
