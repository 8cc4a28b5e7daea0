"""Which endpoint of Scalix Pro a call goes to, and with what body."""

from __future__ import annotations

from typing import Any

import pytest

from routing.catalogue.file import ProviderTable
from routing.scalix_pro.request import Request, prepare
from routing.scalix_pro.settings import ScalixPro, checked_key, settings
from scalix.errors import NotConfiguredError, SettingsError

ENGINE, GATEWAY = "https://engine.test/v1", "https://gateway.test/v1"
SETTINGS = ScalixPro(engine_url=ENGINE, gateway_url=GATEWAY)
MESSAGES = [{"role": "user", "content": "hi"}]
FILES = [{"path": "src/App.tsx", "content": "<div/>"}]


def request(options: Any = None, pro: ScalixPro = SETTINGS, **parameters: Any) -> Request:
    given = parameters if options is None else {**parameters, "scalix_options": options}
    return prepare(pro, "claude-sonnet-4-5", MESSAGES, given)


@pytest.mark.parametrize("flag", ["enable_lazy_edits", "enable_smart_files_context"])
def test_either_feature_takes_the_engine_and_the_options_go_along(flag: str) -> None:
    made = request({"files": FILES, flag: True})
    other = {"enable_lazy_edits": False, "enable_smart_files_context": False}
    assert (made.base_url, made.engine) == (ENGINE, True)
    assert made.data["extra_body"]["scalix_options"] == {**other, "files": FILES, flag: True}


@pytest.mark.parametrize(
    "options", [None, {}, {"files": FILES}, {"enable_lazy_edits": False, "enable_smart_files_context": False}]
)
def test_without_either_the_gateway_is_asked_and_sees_no_options(options: Any) -> None:
    made = request(options)
    assert (made.base_url, made.engine) == (GATEWAY, False)
    assert "scalix_options" not in made.data["extra_body"]


def test_what_the_call_says_wins_over_the_settings() -> None:
    eager = ScalixPro(engine_url=ENGINE, gateway_url=GATEWAY, smart_context=True)
    assert request(pro=eager).engine
    assert not request({"enable_smart_files_context": False}, eager).engine
    assert request({"enable_lazy_edits": True}, eager).data["extra_body"]["scalix_options"] == {
        "files": [],
        "enable_lazy_edits": True,
        "enable_smart_files_context": True,
    }


def test_options_may_come_in_the_extra_body_as_openai_clients_send_them() -> None:
    made = request(extra_body={"scalix_options": {"enable_lazy_edits": True}, "thinking": {"type": "enabled"}})
    assert made.engine
    assert made.data["extra_body"]["thinking"] == {"type": "enabled"}
    assert "extra_body" not in made.data["extra_body"]


def test_parameters_and_user_reach_the_body_and_what_is_for_litellm_does_not() -> None:
    parameters = {"temperature": 0.1, "stream": True, "stream_options": {"include_usage": True}, "max_retries": 2}
    data = prepare(SETTINGS, "gpt-4o", MESSAGES, parameters, user="ada").data
    assert data == {
        "model": "gpt-4o",
        "messages": MESSAGES,
        "stream": True,
        "stream_options": {"include_usage": True},
        "extra_body": {"temperature": 0.1, "user": "ada"},
    }


@pytest.mark.parametrize("options", ["yes", {"enable_lazy_edit": True}, {"enable_lazy_edits": "yes"}, {"files": "a"}])
def test_wrong_options_are_refused_with_what_is_wrong(options: Any) -> None:
    with pytest.raises(SettingsError, match=r"scalix_options: .*it may hold files"):
        request(options)


@pytest.mark.parametrize(
    ("options", "missing"), [({"enable_lazy_edits": True}, "SCALIX_PRO_ENGINE_URL"), ({}, "SCALIX_PRO_GATEWAY_URL")]
)
def test_a_missing_address_is_named(options: Any, missing: str) -> None:
    with pytest.raises(NotConfiguredError, match=missing):
        request(options, ScalixPro())


@pytest.mark.parametrize("key", [None, "", "sk-secret", "SCALIX_secret"])
def test_only_keys_of_scalix_pro_are_taken_and_none_is_repeated(key: str | None) -> None:
    with pytest.raises(NotConfiguredError) as refused:
        checked_key(key)
    assert "secret" not in str(refused.value)
    assert checked_key("scalix_secret") == "scalix_secret"


def test_settings_come_from_file_and_environment_and_do_not_print_the_key() -> None:
    environment = {"SCALIX_PRO_API_KEY": "scalix_secret", "SCALIX_PRO_ENGINE_URL": ENGINE, "OTHER": "scalix_other"}
    table = ProviderTable(api_key="os.environ/OTHER", gateway_url=GATEWAY, lazy_edits=True)
    plain, filed = settings(None, environment), settings(table, environment)
    assert plain == ScalixPro(engine_url=ENGINE, api_key="scalix_secret")
    assert filed == ScalixPro(engine_url=ENGINE, gateway_url=GATEWAY, api_key="scalix_other", lazy_edits=True)
    assert "secret" not in repr(plain)
