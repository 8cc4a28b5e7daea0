"""A person who is to be forgotten is in no file afterwards, and everybody else's records are as they were."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
from analytics.forgetting.forget import forget
from analytics.forgetting.known import refuse_nobody
from analytics.forgetting.names import Person, person
from analytics.forgetting.proof import traces
from analytics.forgetting.segments import without
from analytics.intake.options import IngestOptions
from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.rollups.refresh import refresh_rollups
from scalix.errors import NotThereError, SettingsError
from scalix.folder import Folder
from scalix.store import views
from scalix.store.control import ControlStore
from scalix.store.lake_reader import read_lake
from scalix.store.ledger import Ledger
from tests.spool_files import LATER_US, event, held, lines, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.events import AttemptEvent

ANN, COLLEAGUE = "ann.lee@example.com", "joann.lee@example.com"
COLUMNS = "call_id, started_at, input_tokens, litellm_cost_usd, end_user, tags, prompt"


def calls_of(user: str, first: int) -> list[AttemptEvent]:
    """Two answered calls of a person whose id is in their tags and their words too, one of them for a customer."""
    events = []
    for number in (first, first + 1):
        rest = whole_attempt(number)[1:]
        words = f'["I am {user}."]'
        who = {"user_id": user, "end_user": "customer", "tags": [f"by:{user}", "x"], "prompt": words}
        events += [event("opened", number, provider="openai", model="gpt-4o", upstream=True, **who), *rest]
    return events


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A ledger, an archive, a living segment, a lake and a control store that all know both of them."""
    place = Folder(tmp_path)
    write_segment(place.spool, lines(calls_of(ANN, 1) + calls_of(COLLEAGUE, 11)), "host-boot-1.seg")
    living = write_segment(
        place.spool, lines(calls_of(ANN, 21), "process-2") + b"torn " + ANN.encode() + b"\n", "l.seg"
    )
    ledger = Ledger.open(place)
    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)
    lake = Lake(ledger, place.lake)
    lake.start()
    with held(living):
        take_in(ledger, now_us=LATER_US, options=IngestOptions(dead_after_s=1))
    refresh_rollups(ledger, now_us=LATER_US)
    lake.finish()
    control = ControlStore.in_folder(place)
    shelf.keep(
        control, place.spool, Budget(name="ann", amount_usd=Decimal(1), scope={"user": ANN}), reason=ANN, replace=False
    )
    control.close()
    publish_tables(ledger, place)
    publish_rollups(ledger, place)
    write_views(place)
    ledger.close()
    return place


@pytest.mark.parametrize("erase", [False, True])
def test_no_file_knows_a_forgotten_person_and_nothing_else_changes(folder: Folder, *, erase: bool) -> None:
    ann = person(ANN)
    question = f"SELECT {COLUMNS} FROM attempts ORDER BY started_at"
    before = read_lake(folder.lake_views, question)
    assert len(traces(folder, ann)[1]) >= 5

    changed = forget(folder, ann, erase=erase)

    assert all(changed.values())
    searched, left = traces(folder, ann)
    assert left == []
    assert searched > 5
    assert not any(ANN.encode() in path.read_bytes().replace(COLLEAGUE.encode(), b"") for path in files(folder))
    after = read_lake(folder.lake_views, question)
    assert [row["end_user"] for row in after if row["end_user"] is not None] == ["customer"] * len(after)
    for old, new in zip(before, after, strict=True):
        theirs = COLLEAGUE not in old["prompt"]
        assert (new["prompt"] is None) == theirs
        kept = ("call_id", "started_at", "input_tokens", "litellm_cost_usd", *(() if theirs else ("tags", "prompt")))
        assert [new[name] for name in kept] == [old[name] for name in kept]
    again(folder, len(before))


def files(folder: Folder) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.root.rglob("*") if path.is_file()]


def again(folder: Folder, attempts: int) -> None:
    """The ledger opens, reads its segments on where it stood, and has nobody twice."""
    ledger = Ledger.open(folder)
    report = take_in(ledger)
    assert report.quarantined == 0
    counts = ledger.read("SELECT count(*), count(DISTINCT (started_at, call_id)) FROM attempts").row(0)
    assert counts == (attempts, attempts)
    users = set(ledger.read("SELECT user_id FROM attempts").to_series().to_list())
    assert COLLEAGUE in users
    assert ANN not in users
    ledger.close()


def test_while_a_hub_runs_nothing_is_touched(folder: Folder) -> None:
    ledger = Ledger.open(folder)
    before = {path: path.read_bytes() for path in folder.archive.iterdir()}
    command = [sys.executable, "-m", "scalix", "forget", ANN, "--yes", "--folder", str(folder.root)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    ledger.close()
    assert ended.returncode == 1
    assert "is held by process" in ended.stderr
    assert {path: path.read_bytes() for path in folder.archive.iterdir()} == before


def scalix_forget(folder: Folder, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scalix", "forget", name, "--yes", "--json", "--folder", str(folder.root)]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_a_folder_that_is_none_is_refused_and_stays_as_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    ended = scalix_forget(Folder(tmp_path / name), ANN)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"{tmp_path / name} is no Scalix folder" in ended.stderr
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]


def test_a_name_that_nobody_has_is_no_success(folder: Folder) -> None:
    mistyped = scalix_forget(folder, "ann.le@example.com")
    assert (mistyped.returncode, mistyped.stdout) == (1, "")
    assert "nobody is recorded as ann.le@example.com" in mistyped.stderr

    first, second = scalix_forget(folder, ANN), scalix_forget(folder, ANN)
    assert (first.returncode, second.returncode) == (0, 1)
    assert json.loads(first.stdout)["left"] == {}
    assert f"nobody is recorded as {ANN}" in second.stderr


def test_who_is_in_a_control_store_elsewhere_is_somebody(folder: Folder, tmp_path: Path) -> None:
    elsewhere = Folder(tmp_path / "other")
    elsewhere.spool.mkdir(parents=True)
    with pytest.raises(NotThereError, match=f"nobody is recorded as {ANN}"):
        refuse_nobody(elsewhere, person(ANN))
    (elsewhere.root / "scalix.toml").write_text(f'control_url = "sqlite:///{folder.control}"\n')
    refuse_nobody(elsewhere, person(ANN))
    with pytest.raises(NotThereError, match=r"nobody is recorded as ann\.le"):
        refuse_nobody(elsewhere, person("ann.le"))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("ann", "xyz"),
        ("by:ann, ann", "by:xyz, xyz"),
        ("joann anna ann@b.c b@ann ann.lee lee-ann ann_1", "joann anna ann@b.c b@ann ann.lee lee-ann ann_1"),
        ("I am ann.", "I am xyz."),
        ('{"user": "ann"}', '{"user": "xyz"}'),
    ],
)
def test_a_name_is_found_only_where_it_stands_for_itself(text: str, hidden: str) -> None:
    assert Person("ann", "xyz").hide_text(text) == hidden


def test_a_line_keeps_its_length_and_its_checksum_holds() -> None:
    ann = person(ANN)
    for one in lines(calls_of(ANN, 1)).splitlines(keepends=True):
        for erase in (False, True):
            new = without(one, ann, set(), erase=erase)
            assert len(new) == len(one)
            assert not ann.is_in(new)
            assert without(new, replace(ann, name=ann.pseudonym), set(), erase=False).endswith(b"\n")


def test_a_name_that_could_be_anything_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot be told apart"):
        person("a")
