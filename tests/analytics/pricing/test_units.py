"""Calls charged by image, second, character or query: recorded with their units, and priced by the book.

The calls go the whole way, through LiteLLM to the fake providers. The book's cost is what LiteLLM's own calculator
says, or a difference on purpose has its name here.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics import quality
from analytics.filters import Filters
from analytics.intake.ingest import ingest_once
from analytics.pricing.refresh import refresh
from collector import units
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from scalix.times import EPOCH, now, now_us
from tests.analytics.pricing.unit_calls import call_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.demo.providers.process import FakeProviders

TOLERANCE_USD = 1e-9
LANDSCAPE = {"prompt": "a hill", "n": 2, "size": "1792x1024", "quality": "hd"}
SPOKEN = "Wörter"
SENTENCE = "Two words, with spaces."
SPACES = "OpenAI bills every character of a text that is read aloud; LiteLLM leaves the spaces out."
SAME = {
    "pictures": {"output_image": 2, "output_pixel": 2 * 1792 * 1024, "size": "1792-x-1024", "quality": "hd"},
    "pictures, async": {"output_image": 2, "output_pixel": 2 * 1792 * 1024, "size": "1792-x-1024", "quality": "hd"},
    "pictures by tokens": {"output_image": 1, "output_pixel": 1024 * 1024, "size": "1024-x-1024", "quality": "low"},
    "speech": {"character": len(SPOKEN)},
    "speech, async": {"character": len(SPOKEN)},
    "transcript": {"second": 12},
    "transcript, async": {"second": 12},
    "transcript by tokens": None,
}
"""Calls that LiteLLM and the book price alike, and the units recorded of each."""


@pytest.fixture(scope="module")
def priced(
    providers: FakeProviders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ledger, dict[str, float | None]]]:
    """The ledger of a hub that has taken the calls in, and LiteLLM's costs."""
    openai, azure = {"api_base": providers.api_base("openai-units")}, {"api_base": providers.api_base("azure-units")}
    picture = {"model": "azure/dall-e-3", "api_version": "2024-10-21", **azure, **LANDSCAPE}
    tokens = {"model": "openai/gpt-image-1", "prompt": "a hill", "quality": "low", "size": "1024x1024", **openai}
    speech = {"model": "openai/tts-1", "voice": "alloy", **openai}
    recording = {"model": "openai/whisper-1", "seconds": 12, **openai}
    folder = Folder(tmp_path_factory.mktemp("units"))
    costs = call_all(
        {
            "pictures": ("image_generation", picture),
            "pictures, async": ("aimage_generation", picture),
            "pictures by tokens": ("image_generation", tokens),
            "speech": ("speech", {**speech, "input": SPOKEN}),
            "speech, async": ("aspeech", {**speech, "input": SPOKEN}),
            "speech with spaces": ("speech", {**speech, "input": SENTENCE}),
            "speech without a price": ("speech", {**speech, "model": "openai/tts-9", "input": SPOKEN}),
            "transcript": ("transcription", recording),
            "transcript, async": ("atranscription", recording),
            "transcript by tokens": ("transcription", {**recording, "model": "openai/gpt-4o-mini-transcribe"}),
        },
        folder.spool,
    )
    ledger = Ledger.open(folder)
    refresh(ledger, EPOCH)
    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)
    ingest_once(ledger, folder, now_us=now_us())
    yield ledger, costs
    ledger.close()


def row(ledger: Ledger, name: str) -> dict[str, Any]:
    """The one attempt of a call."""
    found = ledger.read("SELECT * FROM views.attempts WHERE user_id = $name", {"name": name}).to_dicts()
    assert len(found) == 1, name
    assert found[0]["status"] == "success"
    return found[0]


@pytest.mark.parametrize("name", SAME)
def test_the_book_says_what_litellm_says(priced: tuple[Ledger, dict[str, float | None]], name: str) -> None:
    ledger, costs = priced
    found, theirs = row(ledger, name), costs[name]
    assert json.loads(found["units"] or "null") == SAME[name]
    assert theirs
    assert abs(float(found["booked_by_book_usd"]) - theirs) <= TOLERANCE_USD
    assert found["cost_source"] == "price_book"


def test_spaces_are_characters(priced: tuple[Ledger, dict[str, float | None]]) -> None:
    ledger, costs = priced
    theirs, spaces = costs["speech with spaces"], SENTENCE.count(" ")
    each = Decimal("0.000015")
    assert theirs is not None
    assert row(ledger, "speech with spaces")["cost_usd"] == each * len(SENTENCE), SPACES
    assert abs(theirs - float(each * (len(SENTENCE) - spaces))) <= TOLERANCE_USD, (
        "LiteLLM counts them too: drop the rule"
    )


def test_units_without_a_price_count_as_unpriced(priced: tuple[Ledger, dict[str, float | None]]) -> None:
    ledger, _ = priced
    found = row(ledger, "speech without a price")
    assert (found["cost_usd"], found["units"]) == (None, f'{{"character":{len(SPOKEN)}}}')
    unpriced = quality.unpriced(Filters(found["started_at"] - timedelta(hours=1), now()), ledger)
    assert unpriced["model"].to_list() == ["tts-9"]


def test_an_ordinary_call_has_no_units() -> None:
    assert units.used({"call_type": "acompletion"}, {"data": [1], "meta": {}}) is None


@pytest.mark.parametrize(
    ("kind", "details", "answer", "expected"),
    [
        ("arerank", {}, {"meta": {"billed_units": {"search_units": 3}}}, {"query": 3}),
        ("rerank", {}, {"meta": {"billed_units": {"total_tokens": 3}}}, None),
        ("search", {"optional_params": {"query": ["a", "b"]}}, {"results": [{}]}, {"query": 2}),
        ("search", {}, '{"results": []}', {"query": 1}),
        ("search", {}, '{"error": "none"}', None),
        ("transcription", {}, '{"text": "x", "duration": 1.5, "usage": {"seconds": 2}}', {"second": 2}),
        ("transcription", {}, {"text": "x", "duration": "1.5"}, {"second": 1.5}),
        ("transcription", {}, {"text": "x", "duration": -1}, None),
        (
            "image_edit",
            {"optional_params": {"size": "auto"}},
            {"data": [{}]},
            {"output_image": 1, "quality": "standard"},
        ),
        ("image_generation", {}, "Error code: 500", None),
        ("speech", {"input": ["not", "text"]}, {}, None),
        ("speech", {"input": "text"}, '{"error": "none"}', None),
    ],
)
def test_units_as_answers_tell_them(
    kind: str, details: dict[str, Any], answer: object, expected: dict[str, Any] | None
) -> None:
    found = units.used({"call_type": kind, **details}, answer)
    assert (json.loads(found) if found else None) == expected
