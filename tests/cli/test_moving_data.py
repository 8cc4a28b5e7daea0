"""`scalix import`, `export`, `backup`, `restore` as a person or a script meets them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from scalix.cli.app import app
from scalix.errors import ScalixError
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.analytics.imports.spend_logs import spend_log, write_csv
from tests.lakes import publish_all
from tests.spool_files import take_in

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Folder, *arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments), "--folder", str(folder.root)])
    if isinstance(done.exception, ScalixError):
        raise done.exception
    assert done.exit_code == status, done.output
    return done.stdout


def as_json(folder: Folder, *arguments: object) -> Any:
    return json.loads(run(folder, *arguments, "--json"))


def publish(folder: Folder) -> None:
    with closing(Ledger.open(folder)) as ledger:
        while take_in(ledger).lines:
            pass
        publish_all(ledger)


def test_in_and_out_and_back(folder: Folder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logs = write_csv(tmp_path / "logs.csv", range(50), bad=({"request_id": ""},))
    (state,) = as_json(folder, "import", "litellm", logs)
    assert (state["records"], state["imported"], state["rejected"]) == (51, 50, 1)
    assert state["reasons"] == {"the id of the call is missing": 1}
    assert "logs.csv: 51 records, 50 calls, 1 rejected" in run(folder, "import", "litellm", logs)
    publish(folder)

    assert as_json(folder, "export", "parquet", tmp_path / "parquet") == {
        "days": 7, "unchanged_days": 0, "attempts": 50,
    }  # fmt: skip
    assert "0 attempts of 0 days" in run(folder, "export", "parquet", tmp_path / "parquet")
    focus = as_json(folder, "export", "focus", tmp_path / "focus", "--version", "1.3")
    expected = sum(float(spend_log(number)["spend"]) for number in range(50))
    assert float(focus["billed_usd"]) == pytest.approx(expected)
    one_day = as_json(folder, "export", "focus", tmp_path / "day", "--since", "2026-03-02", "--until", "2026-03-03")
    assert one_day["days"] == 1

    made = as_json(folder, "backup", tmp_path / "backups")
    assert (made["counts"]["attempts"], made["damage"]) == (50, [])
    other = Folder(tmp_path / "other")
    assert "50 attempts" in run(other, "restore", tmp_path / "backups")
    assert "there was no ledger; attempts from the lake: 50, segments from the archive: 0" in caplog.text
    assert "lost" not in caplog.text
    assert "set aside" not in caplog.text
    assert "sound" in run(other, "check")


def test_what_is_wrong_is_said(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(ScalixError, match="is no Scalix folder"):
        run(folder, "backup", tmp_path / "backups")
    with pytest.raises(ScalixError, match="holds none"):
        run(folder, "restore", tmp_path / "nothing")
    with pytest.raises(ScalixError, match="cannot be read"):
        run(folder, "import", "litellm", tmp_path / "none.csv")
    with pytest.raises(ScalixError, match="start the hub once"):
        run(folder, "export", "parquet", tmp_path / "out")


def test_a_file_of_which_nothing_was_taken_is_no_success(folder: Folder, tmp_path: Path) -> None:
    bad = write_csv(tmp_path / "bad.csv", range(0), bad=({"request_id": ""}, {"startTime": "never"}))
    good, empty = write_csv(tmp_path / "good.csv", range(2)), write_csv(tmp_path / "empty.csv", range(0))
    with pytest.raises(
        ScalixError, match=r"nothing of bad\.csv was taken, 2 .* \(langfuse, helicone, otlp\)"
    ) as caught:
        run(folder, "import", "litellm", bad, good)
    assert "good.csv" not in str(caught.value)
    assert "2 calls" in run(folder, "import", "litellm", good), "the files behind it were imported"
    assert "0 records" in run(folder, "import", "litellm", empty)


@pytest.mark.parametrize("command", [("export", "parquet"), ("export", "focus"), ("import", "litellm")])
def test_a_span_the_wrong_way_round_is_refused(folder: Folder, tmp_path: Path, command: tuple[str, str]) -> None:
    publish(folder)
    logs = write_csv(tmp_path / "logs.csv", range(2))
    where = logs if command[0] == "import" else tmp_path / "out"
    with pytest.raises(ScalixError, match="2026-12-01 to 2026-11-01 is no span"):
        run(folder, *command, where, "--since", "2026-12-01", "--until", "2026-11-01")
    assert not (tmp_path / "out").exists()
