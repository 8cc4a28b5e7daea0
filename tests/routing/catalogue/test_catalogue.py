"""Providers from a settings file and from environment keys, what is refused, and the Router's list made of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from routing.catalogue.catalogue import Catalogue, load
from routing.catalogue.deployments import first_of_each, legacy_list, model_list
from routing.catalogue.known import PROVIDERS
from routing.catalogue.listing import models
from routing.catalogue.switches import Switches, from_environment, proxy_list
from scalix.errors import NotConfiguredError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

GUIDE = Path(__file__).parents[3] / "docs/how-to/configure-providers.md"
KEYS = {"OPENAI_API_KEY": "sk-openai-secret", "ANTHROPIC_API_KEY": "sk-ant-secret"}


def catalogue(folder: Path, text: str = "", environment: Mapping[str, str] = KEYS, mode: int = 0o644) -> Catalogue:
    path = folder / "providers.toml"
    if text:
        path.write_text(text)
        path.chmod(mode)
    return load(path, environment)


def groups(deployments: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in deployments:
        found.setdefault(one["model_name"], []).append(one["litellm_params"]["model"])
    return found


def test_keys_in_the_environment_are_enough(tmp_path: Path) -> None:
    found = catalogue(tmp_path)
    assert list(found.providers) == ["openai", "anthropic"]
    assert groups(model_list(found)) == {
        "openai/gpt-4o-mini": ["openai/gpt-4o-mini"],
        "anthropic/claude-haiku-4-5": ["anthropic/claude-haiku-4-5"],
        "auto": ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"],
    }
    assert model_list(found)[0]["litellm_params"]["api_key"] == "sk-openai-secret"
    assert "secret" not in repr(found)


def test_every_provider_has_its_name_at_litellm(tmp_path: Path) -> None:
    tables = "".join(
        f'[providers.{name}]\napi_key = "k"\napi_base = "http://x"\nmodels = ["m"]\n' for name in PROVIDERS
    )
    assert groups(model_list(catalogue(tmp_path, tables, {}, 0o600)))["auto"] == [
        "openai/m",
        "anthropic/m",
        "gemini/m",
        "azure/m",
        "openrouter/m",
        "ollama_chat/m",
        "lm_studio/m",
        "scalix-pro/m",
    ]


def test_the_file_comes_first_and_the_environment_fills_in(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path,
        '[providers.ollama]\nmodels = ["qwen3:8b"]\n[providers.openai]\nmodels = ["gpt-4o", "o4-mini"]\n',
        {**KEYS, "OPENAI_BASE_URL": "http://proxy"},
    )
    assert list(found.providers) == ["ollama", "openai", "anthropic"]
    assert found.provider("openai").api_base == "http://proxy"
    assert found.provider("ollama").api_base == "http://127.0.0.1:11434"
    assert groups(model_list(found))["auto"][:2] == ["ollama_chat/qwen3:8b", "openai/gpt-4o"]


def test_the_guide_is_true(tmp_path: Path) -> None:
    text = GUIDE.read_text()
    example = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0]
    environment = {"OPENAI_API_KEY": "a", "AZURE_API_KEY": "b", "SCALIX_PRO_API_KEY": "scalix_c"}
    found = catalogue(tmp_path, example, environment)
    assert list(found.providers) == ["openai", "azure", "ollama", "scalix-pro"]
    assert found.groups == {"fast": ("openai/gpt-4o-mini", "ollama/qwen3:8b")}
    assert (found.legacy_provider, found.cache and found.cache.type) == ("openai", "redis")
    listed = re.findall(r"^\| `([a-z-]+)` \| `([a-z_-]+)` \|(.*)\|(.*)\|$", text, re.MULTILINE)
    assert [(name, litellm) for name, litellm, *_ in listed] == [(one.name, one.litellm) for one in PROVIDERS.values()]
    for name, _, variables, model in listed:
        assert set(re.findall(r"`([A-Z_]+)`", variables)) <= {*PROVIDERS[name].keys, *PROVIDERS[name].bases}
        assert (PROVIDERS[name].default_model or "none") in model


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("google", "google is not configured; set GEMINI_API_KEY, or add [providers.google] to"),
        ("azure", "set AZURE_API_KEY and AZURE_API_BASE"),
        ("ollama", "set OLLAMA_API_BASE"),
    ],
)
def test_a_provider_that_is_not_configured_says_what_to_set(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(NotConfiguredError, match=re.escape(said)):
        catalogue(tmp_path).provider(name)


def test_nobody_is_configured(tmp_path: Path) -> None:
    with pytest.raises(NotConfiguredError, match="no provider is configured; set one of OPENAI_API_KEY"):
        model_list(catalogue(tmp_path, environment={}))
    with pytest.raises(NotConfiguredError, match="name the models of ollama"):
        model_list(catalogue(tmp_path, environment={"OLLAMA_API_BASE": "http://x"}))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("google/gemini-2.5-pro", "google is not configured; set GEMINI_API_KEY"),
        ("opnai/gpt-4o", "no provider 'opnai', did you mean openai?"),
        ("openai/gpt-5", "openai is configured without gpt-5; add it to its models in"),
        ("gpt-4o-mini", "no model or group is called 'gpt-4o-mini'; a model is written provider/model"),
    ],
)
def test_a_name_that_no_router_knows_gets_a_hint(tmp_path: Path, name: str, said: str) -> None:
    assert said in (catalogue(tmp_path).hint(name) or "")


def test_names_that_are_known_get_none(tmp_path: Path) -> None:
    found = catalogue(tmp_path, '[groups]\nfast = ["openai/gpt-4o"]')
    assert [found.hint(name) for name in ("auto", "fast", "openai/gpt-4o", "openai/gpt-4o-mini")] == [None] * 4


def test_half_of_what_a_provider_needs_in_the_environment_is_no_error(tmp_path: Path) -> None:
    assert "azure" not in catalogue(tmp_path, environment={**KEYS, "AZURE_API_KEY": "k"}).providers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[providers.antropic]", "no provider 'antropic', did you mean anthropic"),
        ("[providers.openai]\napikey = 'x'", "unknown field `apikey`"),
        ("[providers.google]", "google lacks its key or address; set GEMINI_API_KEY"),
        ("[providers.openai]\napi_key = 'os.environ/NO_SUCH'", "takes its key from NO_SUCH, which is not set"),
        ("[groups]\nfast = ['gpt-4o']", "'gpt-4o' is not written provider/model"),
        ("[groups]\nfast = ['google/gemini-2.5-pro']", "google is not configured"),
        (
            "[providers.openai]\nmodels = ['gpt-4o', 'o3']\n[groups]\nfast = ['openai/o3', 'openai/gtp-4o']",
            "group fast: 'openai/gtp-4o' is none of the models of openai, did you mean gpt-4o?; there are gpt-4o, o3",
        ),
        ("[groups]\nauto = ['openai/gpt-4o']", "a name other than 'auto'"),
        ("[cache]\ntype = 'memcached'", "Invalid enum value 'memcached'"),
        ("[providers", "Expected"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)) as refused:
        catalogue(tmp_path, text)
    assert "providers.toml" in str(refused.value)


def test_a_file_with_keys_must_be_private(tmp_path: Path) -> None:
    text = "[providers.openai]\napi_key = 'sk-in-the-file'"
    with pytest.raises(SettingsError, match="chmod 600") as refused:
        catalogue(tmp_path, text)
    assert "sk-in" not in str(refused.value)
    assert catalogue(tmp_path, text, {}, 0o600).provider("openai").api_key == "sk-in-the-file"


def test_legacy_mode_leaves_one_deployment_for_each_name(tmp_path: Path) -> None:
    text = 'legacy_provider = "anthropic"\n[groups]\nfast = ["openai/gpt-4o", "anthropic/claude-sonnet-4-5"]\n'
    assert groups(legacy_list(catalogue(tmp_path, text))) == {
        "anthropic/claude-haiku-4-5": ["anthropic/claude-haiku-4-5"],
        "fast": ["anthropic/claude-sonnet-4-5"],
        "auto": ["anthropic/claude-haiku-4-5"],
    }
    own = [
        {"model_name": "chat", "litellm_params": {"model": "openai/gpt-4o"}},
        {"model_name": "chat", "litellm_params": {"model": "anthropic/claude"}},
        {"model_name": "other", "litellm_params": {"model": "openai/gpt-4o"}},
    ]
    assert first_of_each(own, "anthropic") == own[1:]
    assert first_of_each(own, None) == [own[0], own[2]]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Switches()),
        ({"ENABLE_LITELLM": "true", "USE_LEGACY_AI": "false"}, Switches()),
        ({"ENABLE_LITELLM": "False"}, Switches(legacy=True)),
        ({"USE_LEGACY_AI": "1", "ENABLE_LITELLM_PROXY": "1"}, Switches(legacy=True)),
        ({"LITELLM_BASE_URL": "http://p"}, Switches()),
        (
            {"ENABLE_LITELLM_PROXY": "on", "LITELLM_BASE_URL": "http://p", "LITELLM_API_KEY": "sk-1"},
            Switches(proxy_url="http://p", proxy_key="sk-1"),
        ),
    ],
)
def test_the_environment_switches_between_ways_of_calling(environment: dict[str, str], expected: Switches) -> None:
    assert from_environment(environment) == expected


def test_a_switch_that_says_nothing_clear_is_refused() -> None:
    with pytest.raises(SettingsError, match="USE_LEGACY_AI='maybe' is neither on nor off"):
        from_environment({"USE_LEGACY_AI": "maybe"})
    with pytest.raises(NotConfiguredError, match="LITELLM_BASE_URL is not set"):
        from_environment({"ENABLE_LITELLM_PROXY": "true"})
    assert groups(proxy_list(Switches(proxy_url="http://p"))) == {"*": ["litellm_proxy/*"]}


def test_models_are_listed_with_what_is_known_of_them(tmp_path: Path) -> None:
    known = {
        "gpt-4o-mini": {
            "litellm_provider": "openai",
            "mode": "chat",
            "max_input_tokens": 128_000,
            "input_cost_per_token": 1.5e-7,
            "output_cost_per_token": 6e-7,
        },
        "gpt-4o": {"litellm_provider": "openai", "mode": "chat"},
        "text-embedding-3-small": {"litellm_provider": "openai", "mode": "embedding"},
        "gemini/gemini-2.5-flash": {"litellm_provider": "gemini", "mode": "chat"},
    }
    found = models(catalogue(tmp_path), known, provider="openai", everything=True)
    assert [(one.name, one.configured, one.input_usd) for one in found] == [
        ("openai/gpt-4o-mini", True, 0.15),
        ("openai/gpt-4o", False, None),
    ]
    assert [one.name for one in models(catalogue(tmp_path), known)] == [
        "openai/gpt-4o-mini",
        "anthropic/claude-haiku-4-5",
    ]
    with pytest.raises(NotConfiguredError, match="google is not configured"):
        models(catalogue(tmp_path), known, provider="google")
