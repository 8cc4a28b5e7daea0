"""The SQL that stands beneath the charts of the Cost page runs in the lake as it stands there, and answers the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.filters import Filters
from analytics.spend.asking import DIMENSIONS, ask, readable
from scalix.folder import Folder
from scalix.store.lake_reader import LakeReader
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, failure
from tests.lakes import published

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)
EVERYTHING = Filters(NOON - HOUR, NOON + HOUR)
ONE_TEAM = Filters(NOON - HOUR, NOON + HOUR, teams=("it's",), tags=("x",))


def test_what_people_copy_answers_what_the_page_shows(tmp_path: Path) -> None:
    folder = published(
        Folder(tmp_path),
        [
            Attempt(NOON - number * HOUR / 4, team_id="it's", user_id=f"u{number}", tags=("x",), model=f"m{number % 3}")
            for number in range(12)
        ]
        + [Attempt(litellm_cost_usd=None), failure(provider_cost_usd=Decimal(1)), Attempt(NOON - 3 * HOUR)],
    )
    ledger = Ledger.open(folder)
    lake = LakeReader(folder.lake_views)
    for filters in (EVERYTHING, ONE_TEAM):
        for query in ("over_time", "cells", "totals"):
            for dimension in DIMENSIONS if query == "cells" else ("user",):
                sql = readable(query, filters, dimension)
                assert "$" not in sql.replace("'$.app", "")
                shown = ask(query, filters, dimension, ledger)
                assert sorted(lake.read(sql).rows(), key=repr) == sorted(shown.rows(), key=repr)
                assert shown.height
    ledger.close()
