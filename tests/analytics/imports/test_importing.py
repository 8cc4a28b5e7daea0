"""Exports of LiteLLM, Langfuse, Helicone and OpenTelemetry become attempts, once, however often they are imported."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.imports import running
from analytics.imports.depositing import Depositor
from analytics.imports.running import Chosen, ImportState, Origin, import_file
from scalix.errors import SettingsError, SpoolError
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import to_us
from tests.analytics.imports.spend_logs import SECRET, SPREAD_S, START, spend_log, write_csv
from tests.soak import at_length
from tests.spool_files import LATER_US, rows, take_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scalix.events import Event

ROWS = at_length(2_000, 1_000_000)
NOW_US = LATER_US


def imported(folder: Folder, path: Path, origin: Origin = "litellm", **options: Any) -> ImportState:
    return import_file(folder, origin, path, now_us=NOW_US, **options)


def write_lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def content_of(ledger: Ledger) -> tuple[Any, ...]:
    """All a ledger says of attempts, whatever order they came in."""
    take_in_all(ledger)
    sums = "count(*), sum(litellm_cost_usd), sum(input_tokens), sum(cache_read_tokens)"
    return (
        ledger.read(f"SELECT {sums} FROM attempts").row(0),
        ledger.read("SELECT bit_xor(hash(a)) FROM (SELECT * EXCLUDE (seq) FROM attempts) AS a").item(),
        rows(ledger, "segment", "byte_offset", "reason", table="quarantine"),
    )


def take_in_all(ledger: Ledger) -> None:
    while take_in(ledger).lines:
        pass


def test_a_spend_log_becomes_an_attempt(folder: Folder, ledger: Ledger, tmp_path: Path) -> None:
    state = imported(folder, write_csv(tmp_path / "logs.csv", range(4, 5)))
    take_in(ledger)
    assert (state.records, state.imported, state.rejected) == (1, 1, 0)
    (row,) = ledger.read("SELECT * FROM attempts").to_dicts()
    expected = {
        "call_id_text": "chatcmpl-000000004",
        "trace_id_text": "call-000000004",
        "session_id": "s-1",
        "provider": "openai",
        "model": "gpt-4o-mini",
        "model_group": "chat",
        "deployment_id": "dep-A",
        "status": "success",
        "upstream": True,
        "streaming": True,
        "latency_us": 404_000,
        "ttft_us": 104_000,
        "input_tokens": 64,
        "cache_read_tokens": 40,
        "output_tokens": 15,
        "reasoning_tokens": 5,
        "tokens_source": "reported",
        "litellm_cost_usd": Decimal("0.0000246"),
        "user_id": "u-1",
        "end_user": "customer-4",
        "team_id": "t-1",
        "team_alias": "search",
        "key_alias": "prod",
        "key_hash": "0f" * 32,
        "flags": ["imported"],
        "prompt": None,
    }
    found = {name: row[name] for name in expected}
    found["flags"] = list(found["flags"])
    assert found == expected
    assert list(row["tags"]) == ["env:prod"]
    assert row["started_at"] == START + timedelta(seconds=SPREAD_S * 4)


def test_failures_cache_hits_and_unknown_costs_stay_what_they_are(
    folder: Folder, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "logs.jsonl"
    write_lines(path, [spend_log(3), spend_log(5), {**spend_log(1), "spend": 0, "model": "nobody-knows"}])
    imported(folder, path)
    take_in(ledger)
    found = rows(ledger, "call_id_text", "status", "error_kind", "error_code", "upstream", "litellm_cost_usd")
    assert found == [
        ("chatcmpl-000000001", "success", None, None, True, None),
        ("chatcmpl-000000003", "failure", "rate_limit", "429", None, None),
        ("chatcmpl-000000005", "success", None, None, False, Decimal(0)),
    ]
    assert rows(ledger, "count(*)", table="attempt_events") == [(0,)]


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_imported_twice_and_interrupted_between_gives_the_same_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = ({"request_id": ""}, {"startTime": "yesterday"}, {"prompt_tokens": "-5", "metadata": "{}"})
    path = write_csv(tmp_path / "logs.csv", range(ROWS), bad=bad)
    once, twice = Folder(tmp_path / "once"), Folder(tmp_path / "twice")
    with closing(Ledger.open(once)) as ledger:
        state = imported(once, path)
        assert (state.imported, state.rejected) == (ROWS, 3)
        expected = content_of(ledger)
    assert expected[0][0] == ROWS

    monkeypatch.setattr(running, "BATCH", max(ROWS // 7, 100))
    put = Depositor.put
    calls = count(1)

    def put_and_fail(depositor: Depositor, events: Iterable[Event]) -> int:
        """The third batch is written and yet not known to be: the process ends between the two."""
        written = put(depositor, events)
        if next(calls) == 3:
            raise KeyboardInterrupt
        return written

    with closing(Ledger.open(twice)) as ledger:
        monkeypatch.setattr(Depositor, "put", put_and_fail)
        with pytest.raises(KeyboardInterrupt):
            imported(twice, path)
        take_in_all(ledger)
        assert imported(twice, path).records == ROWS + 3
        take_in_all(ledger)
        assert imported(twice, path, again=True).imported == ROWS
        assert content_of(ledger) == expected


def test_prompts_and_answers_are_not_taken_over(folder: Folder, tmp_path: Path) -> None:
    write_csv(tmp_path / "logs.csv", range(5), bad=({"startTime": "never"},))
    assert imported(folder, tmp_path / "logs.csv").rejected == 1
    assert SECRET not in "".join(path.read_text() for path in folder.spool.iterdir())


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "parquet", "csv.gz", "jsonl.gz"])
def test_every_form_gives_the_same(tmp_path: Path, form: str) -> None:
    records = [spend_log(number) for number in range(40)]
    path = tmp_path / f"logs.{form}"
    if form.startswith("csv"):
        write_csv(tmp_path / "logs.csv", range(40))
    elif form == "json":
        path.write_text(json.dumps({"data": records}))
    elif form == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    else:
        write_lines(tmp_path / "logs.jsonl", records)
    if form.endswith(".gz"):
        path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    folder = Folder(tmp_path / "home")
    ledger = Ledger.open(folder)
    state = imported(folder, path)
    take_in(ledger)
    assert (state.imported, state.rejected) == (40, 0)
    ((count, tokens, cost),) = rows(ledger, "count(*)", "sum(input_tokens)", "sum(litellm_cost_usd)")
    ledger.close()
    assert (count, tokens) == (40, sum(60 + number % 50 for number in range(40) if number % 10 != 3))
    assert cost == sum(Decimal(record["spend"]) for record in records)


def test_bad_records_are_kept_with_the_reason_and_once(folder: Folder, ledger: Ledger, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "logs.jsonl", [spend_log(1)])
    with path.open("a") as file:
        file.write('{"request_id": "x", "startTime": "1969-01-01T00:00:00Z", "api_base": "sk-abcdefghijkl"}\n')
        file.write('[1]\n{"broken\n')
    for _ in range(2):
        state = imported(folder, path, again=True)
        take_in(ledger)
    assert (state.records, state.imported, state.rejected) == (4, 1, 3)
    found = ledger.read("SELECT byte_offset, reason, decode(line) AS line FROM quarantine ORDER BY 1").rows()
    assert [(number, reason[:25]) for number, reason, _ in found] == [
        (2, "startTime 1969-01-01T00:0"),
        (3, "not an object"),
        (4, "JSON is malformed: invali"),
    ]
    assert "sk-abc" not in found[0][2]
    assert '"request_id":"x"' in found[0][2]


def test_a_range_of_time_can_be_chosen(folder: Folder, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "logs.csv", range(100))
    middle_us = to_us(START + timedelta(seconds=SPREAD_S / 2))
    for half in (Chosen(since_us=middle_us), Chosen(until_us=middle_us)):
        state = imported(folder, path, chosen=half)
        assert (state.imported, state.passed_over) == (50, 50)


def test_a_file_that_cannot_be_read_says_why(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "logs.json").write_text("{")
    for name, reason in (("logs.json", "cannot be read"), ("logs.xls", "should end in"), ("none.csv", "No such file")):
        (tmp_path / "logs.xls").touch()
        with pytest.raises(SettingsError, match=reason):
            imported(folder, tmp_path / name)


LANGFUSE = {
    "id": "obs-1",
    "traceId": "0123456789abcdef0123456789abcdef",
    "type": "GENERATION",
    "startTime": "2026-03-01T10:00:00.000Z",
    "endTime": "2026-03-01T10:00:02.000Z",
    "completionStartTime": "2026-03-01T10:00:00.500Z",
    "model": "claude-sonnet-4-5",
    "userId": "u-7",
    "sessionId": "s-7",
    "usageDetails": {"input": 100, "cache_read_input_tokens": 40, "output": 20, "total": 160},
    "costDetails": {"total": 0.01},
    "level": "DEFAULT",
    "input": SECRET,
}


def test_langfuse_generations_are_calls(folder: Folder, ledger: Ledger, tmp_path: Path) -> None:
    inclusive = {"input": 100, "input_cached_tokens": 40, "output": 20, "output_reasoning_tokens": 8, "total": 120}
    snake = {
        "id": "obs-2",
        "trace_id": "t",
        "type": "GENERATION",
        "start_time": "2026-03-01 10:00:00.000000",
        "provided_model_name": "openai/gpt-4o",
        "usage_details": json.dumps(inclusive),
        "level": "ERROR",
        "status_message": "no key sk-abcdefghijklmnop",
    }
    state = imported(
        folder,
        write_lines(tmp_path / "o.jsonl", [LANGFUSE, snake, {**LANGFUSE, "id": "x", "type": "SPAN"}]),
        "langfuse",
    )
    take_in(ledger)
    assert (state.imported, state.passed_over) == (2, 1)
    first, second = ledger.read("SELECT * FROM attempts ORDER BY call_id_text").to_dicts()
    assert (first["input_tokens"], first["cache_read_tokens"], first["output_tokens"]) == (100, 40, 20)
    assert (first["provider"], first["streaming"], first["ttft_us"], first["latency_us"]) == (
        "anthropic", True, 500_000, 2_000_000,
    )  # fmt: skip
    assert (str(first["trace_id"]), first["user_id"], first["session_id"]) == (
        "01234567-89ab-cdef-0123-456789abcdef", "u-7", "s-7",
    )  # fmt: skip
    assert (first["litellm_cost_usd"], first["provider_cost_usd"]) == (None, None)
    assert json.loads(first["metadata"]) == {"langfuse_cost_usd": "0.01"}
    assert (second["input_tokens"], second["cache_read_tokens"]) == (60, 40)
    assert (second["output_tokens"], second["reasoning_tokens"]) == (12, 8)
    assert (second["status"], second["provider"], second["model"]) == ("failure", "openai", "gpt-4o")
    assert second["error_message"] == "no key [hidden]"


def test_helicone_requests_are_calls(folder: Folder, ledger: Ledger, tmp_path: Path) -> None:
    request = {
        "request_id": "r-1",
        "request_created_at": "2026-03-01T10:00:00Z",
        "response_status": 200,
        "provider": "OPENAI",
        "request_model": "gpt-4o",
        "response_model": "gpt-4o-2024-08-06",
        "delay_ms": 1500,
        "time_to_first_token": 200,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "costUSD": 0.02,
        "request_user_id": "u-1",
        "request_properties": {"Helicone-Session-Id": "s-1", "feature": "rag"},
    }
    failed = {**request, "request_id": "r-2", "response_status": 429, "prompt_tokens": None, "completion_tokens": None}
    gone = {**request, "request_id": "r-3", "response_status": -3}
    cached = {**request, "request_id": "r-4", "cache_reference_id": "r-1", "cache_enabled": True}
    path = write_lines(tmp_path / "h.jsonl", [request, failed, gone, cached, {**request, "response_status": "?"}])
    assert imported(folder, path, "helicone").rejected == 1
    take_in(ledger)
    found = rows(ledger, "call_id_text", "status", "error_kind", "input_tokens", "upstream")
    assert found == [
        ("r-1", "success", None, 100, True),
        ("r-2", "failure", "rate_limit", None, True),
        ("r-3", "cancelled", "cancelled", 100, True),
        ("r-4", "success", None, 100, False),
    ]
    (row,) = ledger.read("SELECT * FROM attempts WHERE call_id_text = 'r-1'").to_dicts()
    assert (row["latency_us"], row["ttft_us"], row["session_id"]) == (1_500_000, 200_000, "s-1")
    assert json.loads(row["metadata"]) == {"feature": "rag", "helicone_cost_usd": "0.02"}


def test_an_import_that_cannot_write_can_be_taken_up_again(folder: Folder, ledger: Ledger, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "logs.csv", range(10))
    folder.spool.mkdir(parents=True)
    folder.spool.rmdir()
    folder.spool.write_text("no folder")
    with pytest.raises(SpoolError):
        imported(folder, path)
    folder.spool.unlink()
    assert imported(folder, path).imported == 10
    take_in(ledger)
    assert rows(ledger, "count(*)") == [(10,)]
