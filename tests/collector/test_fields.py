"""What call details say of a call, also when they hold what no target can be remembered by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector import fields
from collector.identity import Attempt, Attempts
from collector.settings import Settings

SETTINGS = Settings(spool=Path("unused"))
FACTS = ("provider", "model", "api_base", "call_type", "model_group", "deployment_id")


def _described(**changed: Any) -> list[str | None]:
    given = {"custom_llm_provider": "openai", "model": "openai/gpt", "call_type": "acompletion"} | changed
    parameters = {
        "api_base": given.pop("api_base", "https://user:secret@host/v1?key=abc"),
        "metadata": {"model_group": "fast"},
        "model_info": {"id": "one"},
    }
    event = fields.described("opened", Attempt("a", 1), given | {"litellm_params": parameters}, SETTINGS)
    return [getattr(event, fact) for fact in FACTS]


def test_a_target_is_described_alike_however_often_and_after_others() -> None:
    expected = ["openai", "gpt", "https://host/v1", "acompletion", "fast", "one"]
    assert _described() == expected
    assert _described(custom_llm_provider="azure", model="azure/gpt") != expected
    assert _described() == expected


@pytest.mark.parametrize("odd", [["openai"], {"a": 1}, 7.5, b"openai"])
def test_what_is_no_text_is_left_out_and_the_rest_is_told(odd: object) -> None:
    assert _described(custom_llm_provider=odd)[0] is None
    assert _described(custom_llm_provider=odd)[3:] == ["acompletion", "fast", "one"]


def test_neither_long_texts_nor_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "MOST_TARGETS", 2)
    monkeypatch.setattr(fields, "_targets", {})
    _described(model="x" * 1000)
    assert not fields._targets
    for number in range(4):
        assert _described(model=f"m{number}")[1] == f"m{number}"
    assert len(fields._targets) == 2


class Named(str):
    """As an enumeration of the host's may be."""

    __slots__ = ()


def test_ids_of_a_subclass_of_str_are_ids() -> None:
    given = {"user_api_key_hash": "0" * 64, "user_api_key_user_id": Named("ada"), "user_api_key_team_id": Named("red")}
    event = fields.described("opened", Attempt("a", 1), {"litellm_params": {"metadata": given}}, SETTINGS)
    assert (type(event.user_id), event.user_id, event.team_id) == (str, "ada", "red")


def test_a_call_keeps_its_id_whatever_its_start_is() -> None:
    attempt = Attempts().of({"litellm_call_id": "a", "start_time": []})
    assert (attempt.call_id, attempt.flags) == ("a", ["no_start"])
