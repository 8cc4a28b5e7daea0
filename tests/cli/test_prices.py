"""`scalix price` and `scalix prices`, through the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from analytics.intake.ingest import ingest_once
from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.pricing.refresh import refresh
from scalix.cli.app import app
from scalix.errors import ScalixError
from scalix.events import AttemptEvent, to_line
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.ledger import Ledger
from scalix.times import now, now_us

if TYPE_CHECKING:
    from pathlib import Path

OPENAI_USAGE = json.dumps(
    {"prompt_tokens": 1000, "completion_tokens": 200, "prompt_tokens_details": {"cached_tokens": 400}}
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return Folder(tmp_path)


def run(*arguments: str, expected: int = 0) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == expected, (result.output, result.exception)
    return str(result.exception) if isinstance(result.exception, ScalixError) else result.output


def priced(*arguments: str, usage: str, expected: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("price", *arguments, "--usage", usage, "--json", expected=expected))
    return answer


def take_in(folder: Folder) -> None:
    """What the hub does with the spool and the lake's tables."""
    for part in ("lake/tables", "spool"):
        (folder.root / part).mkdir(parents=True, exist_ok=True)
    ledger = Ledger.open(folder)
    refresh(ledger, now())
    ingest_once(ledger, folder, now_us=now_us())
    publish_tables(ledger, folder)
    ledger.close()


def test_price_shows_the_arithmetic() -> None:
    text = run("price", "openai", "gpt-4o", "--usage", OPENAI_USAGE)
    assert "600 x 2.5 USD per million = 0.0015" in text
    assert "400 x 1.25 USD per million = 0.0005" in text
    assert "cost 0.004000000000 USD" in text


def test_price_as_json_adds_up() -> None:
    answer = priced("openai", "gpt-4o", usage=OPENAI_USAGE)
    assert answer["cost_usd"] == "0.004"
    assert [(line["meter"], line["quantity"], line["amount_usd"]) for line in answer["lines"]] == [
        ("input", "600", "0.0015"),
        ("cache_read", "400", "0.0005"),
        ("output", "200", "0.002"),
    ]


def test_an_unknown_model_is_unpriced_and_the_nearest_is_named() -> None:
    answer = priced("openai", "gpt-44o", usage='{"input": 5}', expected=1)
    assert (answer["cost_usd"], answer["nearest"], answer["unpriced"]) == (None, "gpt-4o", ["input"])
    assert "nearest name is gpt-4o" in run("price", "openai", "gpt-44o", "--usage", '{"input": 5}', expected=1)


def test_a_meter_without_a_price_leaves_the_call_unpriced() -> None:
    answer = priced("openai", "gpt-4o", usage='{"input": 5, "citation_token": 3}', expected=1)
    assert (answer["cost_usd"], answer["unpriced"]) == (None, ["citation_token"])


@pytest.mark.parametrize("usage", ["{", "[]", '{"nonsense": 1}', '{"input": -1}', '{"input": "many"}'])
def test_a_usage_that_says_nothing_is_refused(usage: str) -> None:
    assert "give" in run("price", "openai", "gpt-4o", "--usage", usage, expected=1)


def test_own_prices_win_once_the_hub_has_taken_them_in(folder: Folder) -> None:
    run("prices", "set", "openai", "gpt-4o", "input=2", "factor=0.5", "--reason", "contract 7")
    take_in(folder)
    answer = priced("openai", "gpt-4o", usage=OPENAI_USAGE)
    assert (answer["cost_usd"], answer["factor"]) == ("0.00185", "0.5")
    assert "gpt-4o input 2 (own price), contract 7" in run("prices", "list", "openai", "gpt-4o")
    assert run("prices", "list", "openai", "gpt-4o", "--known-at", "2000-01-01") == "no prices\n"
    assert json.loads(run("prices", "diff", "--json")) == []
    run("prices", "set", "openai", "gpt-4o", "input=none", "factor=none")
    take_in(folder)
    assert priced("openai", "gpt-4o", usage=OPENAI_USAGE)["cost_usd"] == "0.004"


def test_prices_come_from_a_toml_file(folder: Folder, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[[price]]\nprovider = "house"\nmodel = "llama-*"\namounts = {input = 0.1, output = 0.25}\n'
        '[[price]]\nprovider = "house"\nmodel = "llama-*"\nabove_tokens = 1000\nfrom = 2026-11-01T00:00:00Z\n'
        "amounts = {input = 0.2}\n"
    )
    run("prices", "set", "--file", str(file))
    take_in(folder)
    assert priced("house", "llama-9", usage='{"input": 1000, "output": 1}')["cost_usd"] == "0.00010025"
    assert priced("house", "llama-9", usage='{"input": 1001}')["cost_usd"] == "0.0002002"
    before = priced("house", "llama-9", "--at", "2026-10-31", usage='{"input": 1001}')
    assert before["cost_usd"] == "0.0001001"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("openai", "gpt-4o", "inpu=2"), "'inpu' is no meter"),
        (("openai", "gpt-4o", "input"), "is not METER=AMOUNT"),
        (("openai", "gpt-4o", "input=cheap"), "input=cheap is no number; give e.g. input=2.5"),
        (("openai", "gpt-4o", "input=-1"), "is not a price"),
        (("openai", "gpt-4o"), "needs provider, model and amounts"),
        (("openai", "gpt-4o", "input=1", "--from", "someday"), "is not a moment"),
    ],
)
def test_what_is_no_price_is_refused(folder: Folder, arguments: tuple[str, ...], said: str) -> None:
    assert said in run("prices", "set", *arguments, expected=1)
    assert not folder.spool.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\x00\xff", "own.toml cannot be read: 'utf-8' codec"),
        (b"price", "own.toml cannot be read: Expected"),
        (b"", "own.toml holds no [[price]] table"),
        (b"[[prices]]\nprovider = 'x'\n", "own.toml holds no [[price]] table, only prices"),
        (b"[[price]]\nprovider = 'x'\nmodel = 'y'\namounts = 5\n", "needs provider, model and amounts"),
        (b"[[price]]\nprovider = 5\nmodel = 'y'\namounts = {input = 1}\n", "needs provider, model and amounts"),
    ],
)
def test_a_file_without_prices_is_refused(folder: Folder, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    assert said in run("prices", "set", "--file", str(file), expected=1)
    assert not folder.spool.exists()


def test_reprice_shows_by_model_what_the_book_says(folder: Folder) -> None:
    def call(number: int, model: str, pusd: int) -> bytes:
        started_us = now_us() - 10**6 + number
        event = AttemptEvent(
            kind="success",
            call_id=f"call-{number}",
            started_us=started_us,
            at_us=started_us + 1,
            upstream=False,
            provider="openai",
            model=model,
            input_tokens=1_000,
            output_tokens=200,
            litellm_cost_pusd=pusd,
        )
        return to_line(event)

    folder.spool.mkdir()
    lines = [call(1, "gpt-4o", 4_500_000_000), call(2, "gpt-4o", 10**9), call(3, "gpt-44o", 7)]
    (folder.spool / "host-boot-1.seg").write_bytes(b"".join(lines))
    ledger = Ledger.open(folder)
    refresh(ledger, now())
    ingest_once(ledger, folder, now_us=now_us())
    lake = Lake(ledger, folder.lake, LakeOptions())
    lake.start()
    publish_tables(ledger, folder)
    publish_rollups(ledger, folder)
    write_views(folder)
    lake.finish()
    ledger.close()
    known, unknown = sorted(json.loads(run("reprice", "--dry-run", "--json")), key=lambda row: row["unpriced"])
    assert known == {
        "provider": "openai",
        "model": "gpt-4o",
        "attempts": 2,
        "recorded_usd": "0.009",
        "book_usd": "0.009",
        "differing": 0,
        "unpriced": 0,
        "nearest": None,
    }
    assert (unknown["model"], unknown["unpriced"], unknown["nearest"]) == ("gpt-44o", 1, "gpt-4o")
    assert "1 unpriced (nearest name: gpt-4o)" in run("reprice", "--dry-run")
    assert "needs --reason" in run("reprice", expected=1)
