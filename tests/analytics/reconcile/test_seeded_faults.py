"""A fabricated export with one fault of every kind: each is found with its amount, and the parts add up to the cent."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.reconcile.explaining import PARTS
from scalix.cli.app import app
from scalix.events import AttemptEvent, PriceEvent
from scalix.folder import HOME_VARIABLE, Folder
from scalix.store.ledger import Ledger
from scalix.times import to_us
from tests.spool_files import call_id, lines, take_in, write_segment

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.events import Event

FIRST = datetime(2026, 11, 2, 12, tzinfo=UTC)
PRICES = {"input": 2, "cache_read": 1, "output": 10}
CALL = {"input": 1_000, "cache_read": 0, "output": 100}
COST = Decimal("0.003")
"""Of one such call."""
KINDS = (
    "agrees", "missing", "failed", "doubled", "classes", "dearer", "before midnight", "after midnight", "unpriced",
)  # fmt: skip
"""What goes wrong on each day, from the first on; the last two days share one call."""


def day_of(kind: str) -> datetime:
    return FIRST + timedelta(days=KINDS.index(kind))


class Recorded:
    """Calls as the collector would have written them down."""

    def __init__(self) -> None:
        self.events: list[Event] = [
            PriceEvent(at_us=1, provider="openai", model="gpt-x", meter=meter, amount=Decimal(amount), valid_from_us=0)
            for meter, amount in PRICES.items()
        ]
        self._number = 0

    def call(self, kind: str, *, response: str | None = None, seconds: int = 0, model: str = "gpt-x") -> None:
        end = {
            "response_id": response or f"r-{self._number}",
            "tokens_source": "reported",
            **{f"{name}_tokens": count for name, count in CALL.items()},
        }
        self._attempt(kind, "success", seconds, model, end)

    def time_out(self, kind: str) -> None:
        self._attempt(kind, "failure", 0, "gpt-x", {"error_kind": "timeout"})

    def _attempt(self, kind: str, ending: str, seconds: int, model: str, end: dict[str, Any]) -> None:
        self._number += 1
        started = to_us(day_of(kind)) + seconds * 1_000_000 + self._number
        key = {"call_id": call_id(self._number), "started_us": started}
        opened = {"provider": "openai", "model": model, "upstream": True}
        after = started + 2_000_000
        self.events += [
            AttemptEvent(kind="opened", at_us=started, mono_us=started, **key, **opened),  # type: ignore[arg-type]  # spelled out above
            AttemptEvent(kind=ending, at_us=after, mono_us=after, ended_us=after, **key, **end),  # type: ignore[arg-type]  # same
        ]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder of a hub that has recorded what the provider bills in these tests."""
    home = Folder(tmp_path_factory.mktemp("home"))
    calls = Recorded()
    for kind in KINDS:
        calls.call(kind, model="gpt-new" if kind == "unpriced" else "gpt-x")
    calls.time_out("failed")
    calls.call("doubled", response="same")
    calls.call("doubled", response="same", seconds=1)
    calls.call("before midnight", seconds=12 * 3600 - 1)
    ledger = Ledger.open(home)
    write_segment(home.spool, lines(calls.events))
    take_in(ledger, now_us=to_us(FIRST + timedelta(days=30)))
    lake = Lake(ledger, home.lake)
    lake.start()
    lake.finish()
    publish_tables(ledger, home)
    publish_rollups(ledger, home)
    write_views(home)
    ledger.close()
    return home


@pytest.fixture(autouse=True)
def folder(recorded: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of these tests find that folder."""
    monkeypatch.setenv(HOME_VARIABLE, str(recorded.root))


def usage(kind: str, calls: int, model: str = "gpt-x-2026-09-01", **changed: int) -> dict[str, Any]:
    """A bucket of the usage API."""
    used = {**CALL, **changed}
    result = {
        "object": "organization.usage.completions.result",
        "input_tokens": calls * (used["input"] + used["cache_read"]),
        "input_cached_tokens": calls * used["cache_read"],
        "output_tokens": calls * used["output"],
        "num_model_requests": calls,
        "model": model,
        "project_id": None,
    }
    return bucket(kind, result)


def cost(kind: str, item: str, value: str | float, currency: str = "usd") -> dict[str, Any]:
    """A bucket of the costs API."""
    amount = {"value": value, "currency": currency}
    return bucket(kind, {"object": "organization.costs.result", "amount": amount, "line_item": item})


def bucket(kind: str, result: dict[str, Any]) -> dict[str, Any]:
    start = int(day_of(kind).replace(hour=0).timestamp())
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": [result]}


def paged(path: Path, *buckets: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"object": "page", "data": buckets, "has_more": False}))
    return path


@pytest.fixture
def exports(tmp_path: Path) -> list[str]:
    used = {
        "agrees": usage("agrees", 1),
        "missing": usage("missing", 2),
        "failed": usage("failed", 2),
        "doubled": usage("doubled", 2),
        "classes": usage("classes", 1, input=400, cache_read=600),
        "dearer": usage("dearer", 1),
        "before midnight": usage("before midnight", 1),
        "after midnight": usage("after midnight", 2),
        "unpriced": usage("unpriced", 1, "gpt-new"),
    }
    billed = {
        "agrees": "0.003",
        "missing": "0.006",
        "failed": "0.006",
        "doubled": "0.006",
        "classes": "0.0024",
        "dearer": "0.0033",
        "before midnight": "0.003",
        "after midnight": "0.006",
    }
    costs = [cost(kind, "gpt-x-2026-09-01, all", amount) for kind, amount in billed.items()]
    costs += [cost("unpriced", "gpt-new, all", "0.07"), cost("agrees", "container storage", 0.5)]
    broken = [usage("agrees", -1), cost("agrees", "gpt-x, input", 1, "eur"), {"object": "what is this"}]
    return [
        str(paged(tmp_path / "usage.json", *used.values(), broken[0], broken[2])),
        str(paged(tmp_path / "costs.json", *costs, broken[1])),
    ]


def run(*arguments: str, expected: int = 0) -> str:
    result = CliRunner().invoke(app, ["reconcile", *arguments])
    assert result.exit_code == expected, (result.output, result.exception)
    return result.output


def reconciled(*arguments: str, expected: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json", expected=expected))
    return found


def test_every_fault_is_found_with_its_amount(exports: list[str]) -> None:
    found = reconciled(*exports)

    def parts(kind: str, model: str | None = "gpt-x") -> dict[str, Decimal]:
        day = day_of(kind).date().isoformat()
        (one,) = [one for one in found["days"] if (one["day"], one["model"]) == (day, model)]
        return {name: Decimal(amount) for name, amount in one["parts"].items() if Decimal(amount)}

    assert parts("agrees") == {}
    assert parts("missing") == {"missing_calls": COST}
    assert parts("failed") == {"billed_failures": COST}
    assert parts("doubled") == {"doubled_calls": -COST}
    assert parts("classes") == {"token_classes": Decimal("-0.0006")}
    assert parts("dearer") == {"price": Decimal("0.0003")}
    assert parts("before midnight") == {"day_boundary": -COST}
    assert parts("after midnight") == {"day_boundary": COST}
    assert parts("unpriced", "gpt-new") == {"unpriced": Decimal("0.07")}
    assert parts("agrees", None) == {"rest": Decimal("0.5")}


def test_the_parts_add_up_exactly(exports: list[str]) -> None:
    found = reconciled(*exports)
    for one in (*found["days"], found):
        gap = Decimal(one["billed_usd"]) - Decimal(one["recorded_usd"])
        assert Decimal(one["gap_usd"]) == gap == sum(map(Decimal, one["parts"].values()))
        assert tuple(one["parts"]) == PARTS
    assert Decimal(found["gap_usd"]) == Decimal("0.0027") + Decimal("0.07") + Decimal("0.5")


def test_what_cannot_be_used_is_set_aside_with_the_reason(exports: list[str]) -> None:
    reasons = [(one["file"], one["record"], one["reason"]) for one in reconciled(*exports)["rejected"]]
    assert [place for *place, _ in reasons] == [["usage.json", 10], ["usage.json", 11], ["costs.json", 11]]
    assert "input_tokens is -1000" in reasons[0][2]
    assert "no export known here" in reasons[1][2]
    assert "eur" in reasons[2][2]


def test_people_read_it_as_a_table(exports: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    text = run(*exports, expected=1)
    for said in ("missing calls", "billed failures", "doubled", "token classes", "price", "day boundary", "rest"):
        assert said in text
    assert "3 records were set aside" in text
    assert "1 of 10 days and models agree to the last digit" in text


def test_usage_alone_is_valued_at_our_prices(tmp_path: Path) -> None:
    found = reconciled(str(paged(tmp_path / "usage.json", usage("missing", 3))), expected=0)
    (one,) = found["days"]
    assert one["valued_at_our_prices"]
    assert (one["billed_usd"], Decimal(one["parts"]["missing_calls"])) == ("0.009000000000", 2 * COST)


def test_a_focus_file_is_told_by_its_meters(tmp_path: Path) -> None:
    path = tmp_path / "focus.csv"
    day = day_of("classes").date().isoformat()
    common = {
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "BillingCurrency": "USD",
        "ServiceProviderName": "OpenAI",
        "ServiceCategory": "AI and Machine Learning",
        "ConsumedUnit": "Tokens",
        "ChargeCategory": "Usage",
    }
    rows = [
        {**common, "SkuMeter": "GPT X Input Tokens", "ConsumedQuantity": "400", "BilledCost": "0.0008"},
        {**common, "SkuMeter": "GPT X Cached Input Tokens", "ConsumedQuantity": "600", "BilledCost": "0.0006"},
        {**common, "SkuMeter": "GPT X Output Tokens", "ConsumedQuantity": "100", "BilledCost": "0.001"},
        {**common, "ServiceCategory": "Compute", "SkuMeter": "a machine", "BilledCost": "99"},
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = reconciled(str(path), expected=0)
    (one,) = found["days"]
    assert (one["model"], found["passed_over"]) == ("gpt-x", 1)
    assert {name: Decimal(part) for name, part in one["parts"].items() if Decimal(part)} == {
        "token_classes": Decimal("-0.0006")
    }


@pytest.mark.parametrize(("content", "said"), [(" ", "is empty"), ("{", "is no JSON")])
def test_a_file_that_is_no_export_says_so(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(content)
    result = CliRunner().invoke(app, ["reconcile", str(path)])
    assert said in str(result.exception)
