from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard import host
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record
from tests.dashboard.payloads import PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger

READ_AS_MARKDOWN = ("markdown", "caption", "title", "header", "subheader", "info", "warning", "error", "success")
DECEIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def test_the_corpus_is_what_it_claims_to_be() -> None:
    assert len(set(PAYLOADS)) == 200


def test_names_from_outside_are_never_read_as_markup(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    at = now()
    names = [name.replace("\x00", "") for name in PAYLOADS]
    record(
        ledger,
        [
            Attempt(
                at, provider=name, model=name, model_group=name, deployment_id=name, user_id=name, team_alias=name,
                tags=(name,),
            )
            for name in names
        ],
    )  # fmt: skip
    record(ledger, [failure(started_at=at, request=1, provider=PAYLOADS[0], error_kind=PAYLOADS[8])])
    record(ledger, [replace(Attempt(at, request=1), provider=PAYLOADS[80])])

    page = visit(range="15m", provider=[PAYLOADS[0], PAYLOADS[80]])
    everything = visit(range="15m")

    for shown in (page, everything):
        assert not shown.exception
        assert shown.metric
        for kind in READ_AS_MARKDOWN:
            for element in shown.get(kind):
                text = str(getattr(element, "value", ""))
                assert not any(sign in text for sign in ("<", "](", "alert", "evil", "$")), text
        for metric in shown.metric:
            assert re.fullmatch(r"[$<>\d.,%a-zA-Z \N{EN DASH}]+", metric.value), metric.value
        assert not shown.get("html")
        for frame in shown.dataframe:
            assert not frame.value.empty
            assert not any(DECEIVING.search(str(value)) for value in frame.value.to_numpy().ravel())
        for choice in shown.multiselect:
            assert len(choice.options) > 1
            assert not any(DECEIVING.search(option) for option in choice.options)


def test_no_page_asks_for_html() -> None:
    sources = [file.read_text(encoding="utf-8") for file in host.APP.parent.rglob("*.py")]

    assert len(sources) > 5
    assert not any("unsafe_allow" in source or "st.html" in source or "components.v1" in source for source in sources)
