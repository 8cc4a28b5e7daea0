"""Budgets, objectives and rules in files: what is no such file is refused, and says what would be one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analytics.alerts import rules
from analytics.budgets import definitions as budgets
from analytics.objectives import definitions as objectives
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec

DOCS = Path(__file__).parents[2] / "docs"
KINDS = [("budget", budgets.from_toml), ("objective", objectives.from_toml), ("rule", rules.from_toml)]
WHOLE = {
    "budget": 'name = "x"\namount_usd = 1\n',
    "objective": 'name = "x"\nmeasure = "success"\ntarget = 99\n',
    "rule": 'name = "x"\nkind = "quality"\nabove = 0.5\n',
}
FIELDS = {"budget": "name, amount_usd, window, zone, scope", "objective": "name, measure, target", "rule": "name, kind"}


def refused(load: Callable[[Path], list[Any]], file: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(file)
    said = str(caught.value)
    assert str(file) in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize(("name", "load"), KINDS)
def test_a_file_without_its_tables_is_refused(name: str, load: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    for content, only in (
        ("", ""),
        (f"[[{name}s]]\n{WHOLE[name]}", f", only {name}s"),
        (f"[{name}]\n{WHOLE[name]}", f", only {name}"),
        (f"{name} = []\n", f", only {name}"),
    ):
        file.write_text(content)
        assert refused(load, file) == f"{file} holds no [[{name}]] table{only}: begin each with [[{name}]]"
    file.write_text(f"[[{name}]]\n{WHOLE[name]}[[{name}z]]\n{WHOLE[name]}")
    assert f"holds {name}z, which is none of budget, objective, rule, price" in refused(load, file)


@pytest.mark.parametrize(("name", "load"), KINDS)
def test_a_file_that_cannot_be_read_is_not_called_empty(
    name: str, load: Callable[[Path], list[Any]], tmp_path: Path
) -> None:
    file = tmp_path / "x.toml"
    assert "cannot be read: No such file or directory; give a TOML file of [[" in refused(load, file)
    for content in (b"\x89PNG\x00\xff", name.encode()):
        file.write_bytes(content)
        assert "cannot be read: " in refused(load, file)
    file.unlink()
    file.mkdir()
    assert "cannot be read: Is a directory" in refused(load, file)


@pytest.mark.parametrize(("name", "load"), KINDS)
def test_an_unknown_field_is_told_with_those_there_are(
    name: str, load: Callable[[Path], list[Any]], tmp_path: Path
) -> None:
    file = tmp_path / "x.toml"
    file.write_text(f"[[{name}]]\n{WHOLE[name]}[[{name}]]\n{WHOLE[name]}amount = 2\n")
    said = refused(load, file)
    assert re.search(rf"\[\[{name}\]\] 2: .*`amount`; choose of {FIELDS[name]}", said), said


def test_an_unknown_field_of_a_threshold_is_told_with_those_of_thresholds(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(f"[[budget]]\n{WHOLE['budget']}thresholds = [{{percent = 5, does = 'warn'}}]\n")
    assert refused(budgets.from_toml, file).endswith("`$.thresholds[0]`; choose of percent, action")


@pytest.mark.parametrize(("name", "load"), KINDS)
def test_one_file_may_hold_all_of_them(name: str, load: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("".join(f"[[{one}]]\n{text}" for one, text in WHOLE.items()))
    (one,) = load(file)
    assert getattr(one, "name", None) == "x", name


@pytest.mark.parametrize(
    ("page", "load", "kind"),
    [
        ("set-budgets", budgets.from_toml, budgets.Budget),
        ("set-budgets", rules.from_toml, None),
        ("set-objectives", objectives.from_toml, objectives.Objective),
    ],
)
def test_the_examples_of_the_guides_are_loaded_and_show_each_field(
    page: str, load: Callable[[Path], list[Any]], kind: type[msgspec.Struct] | None, tmp_path: Path
) -> None:
    text = (DOCS / "how-to" / f"{page}.md").read_text()
    file = tmp_path / "x.toml"
    file.write_text("\n".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)))
    assert len(load(file)) == 2
    if kind is not None:
        assert [name for name in kind.__struct_fields__ if f"\n{name} = " not in file.read_text()] == []
