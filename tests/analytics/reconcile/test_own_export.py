"""Scalix's own FOCUS export, held against the calls it was made of, agrees whoever the provider was."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.exports.focus import NAMES, export_focus
from analytics.pricing.published import published_book
from analytics.reconcile.reconcile import Reconciliation, reconcile
from scalix.events import PriceEvent
from scalix.folder import Folder
from scalix.store import views
from scalix.store.lake_reader import LakeReader
from scalix.store.ledger import Ledger
from tests.lakes import publish_all
from tests.spool_files import event, lines, take_in, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.events import Event

PROVIDERS = (*NAMES, "bedrock_converse", "fireworks_ai", "ollama", "scalix-pro", "vertex_ai-language-models")
"""Those whose names the export writes out, and some that it leaves as LiteLLM has them."""
MODEL = "gemini-2.5-flash"
"""Of one name with all of them: only the provider tells their calls apart."""


def calls(number: int, provider: str) -> Iterator[Event]:
    """A call at list price, and one of a model that is in no list."""
    for meter, amount in (("input", "2"), ("output", "10")):
        yield PriceEvent(
            at_us=1, provider=provider, model=MODEL, meter=meter, amount=Decimal(amount) + number, valid_from_us=0
        )
    for place, model in enumerate((MODEL, "in-no-list")):
        which = 2 * number + place
        usage: dict[str, Any] = {"input_tokens": 1000 + which, "output_tokens": 70, "tokens_source": "reported"}
        yield event("opened", which, provider=provider, model=model, upstream=True)
        yield event("success", which, **usage, litellm_cost_pusd=7_000_000_000 + which if place else None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    place = Folder(tmp_path_factory.mktemp("own") / "home")
    written = [one for number, provider in enumerate(PROVIDERS) for one in calls(number, provider)]
    write_segment(place.spool, lines(written))
    ledger = Ledger.open(place)
    take_in(ledger)
    with ledger.cursor() as cursor:
        views.define_in_ledger(cursor)
    publish_all(ledger)
    ledger.close()
    return place


def held_against(home: Folder, *files: Path) -> Reconciliation:
    return reconcile(files, LakeReader(home.lake_views), published_book(home))


@pytest.mark.parametrize(("version", "form"), [("1.2", "csv"), ("1.3", "csv"), ("1.2", "parquet")])
def test_it_agrees_for_every_provider(home: Folder, tmp_path: Path, version: Any, form: Any) -> None:
    export_focus(LakeReader(home.lake_views), tmp_path, version=version, form=form)
    found = held_against(home, *tmp_path.glob("*/charges-*"))
    assert found.rejected == ()
    assert sorted(one.provider for one in found.explanations) == sorted(2 * PROVIDERS)
    assert all(one.billed_usd > 0 and not any(one.parts.values()) for one in found.explanations)
    assert all(one.billed_usd == one.recorded_usd for one in found.explanations)
