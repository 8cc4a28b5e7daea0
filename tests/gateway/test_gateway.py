"""A real gateway over HTTP: who may call what, and budgets and limits that are kept before the call."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.access import issuing, people
from analytics.access.limits import Limits
from tests.collector.conftest import attempts, events, until
from tests.gateway.running import HTTP, MASTER, MESSAGES, USD, Gateway

if TYPE_CHECKING:
    from tests.collector.fake_provider import FakeProvider


def test_a_call_is_recorded_for_its_key_and_settled_with_what_it_cost(gateway: Gateway) -> None:
    key = gateway.key(1, alias="app", user_id="ada", team_id="search", tags=["prod"])
    assert gateway.post(key).json()["choices"][0]["message"]["content"]
    with HTTP.stream(
        "POST",
        f"{gateway.base}/v1/chat/completions",
        json={"model": "chat", "messages": MESSAGES, "max_tokens": 50, "stream": True},
        headers={"Authorization": f"Bearer {key}"},
    ) as streamed:
        assert b"[DONE]" in streamed.read()
    spent = gateway.settled(key).account.spent_usd
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "app"]
    assert {(row["user_id"], row["team_id"], row["status"]) for row in rows} == {("ada", "search", "success")}
    assert {row["key_hash"] for row in rows} == {gateway.state(key).id}
    assert [row["tags"] for row in rows] == [["prod"], ["prod"]]
    assert spent == Decimal(sum(row["litellm_cost_pusd"] for row in rows)) / USD
    team = people.one(gateway.control, ("team", "search"))
    assert team.spent_usd == people.one(gateway.control, ("user", "ada")).spent_usd == spent


def test_a_blocked_key_is_refused_by_every_worker_with_the_next_call(gateway: Gateway) -> None:
    key = gateway.key()
    with ThreadPoolExecutor(8) as pool:
        before = list(pool.map(lambda _: gateway.post(key).status_code, range(16)))
        issuing.block(gateway.control, key, by="test")
        after = list(pool.map(lambda _: gateway.post(key).status_code, range(16)))
    assert (set(before), set(after)) == ({200}, {401})


def test_the_admins_key_calls_no_models(gateway: Gateway) -> None:
    assert gateway.post(MASTER).status_code == 403


def test_a_key_calls_only_its_models(gateway: Gateway) -> None:
    refused = gateway.post(gateway.key(models=("other",)))
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "key_model_access_denied")
    assert gateway.post(gateway.key(models=("chat",))).status_code == 200
    assert gateway.post(gateway.key(), model="nothing").status_code == 404


def test_a_budget_is_kept_before_the_call_and_no_provider_is_blamed(gateway: Gateway, provider: FakeProvider) -> None:
    key = gateway.key(0.001, alias="small", window="month")
    seen = len(provider.hits)
    statuses = [gateway.post(key).status_code for _ in range(8)]
    refused = gateway.post(key, max_tokens=100_000)
    assert 200 in statuses
    assert (refused.status_code, refused.headers["x-should-retry"]) == (429, "false")
    error = refused.json()["error"]
    assert (error["type"], error["limit"], error["scope"]["kind"]) == ("budget_exceeded", 0.001, "key")
    assert error["spent"] > 0
    assert error["reset_at"].endswith("-01T00:00:00+00:00")
    assert len(provider.hits) - seen == statuses.count(200)
    assert gateway.settled(key).account.spent_usd <= Decimal("0.001")
    assert gateway.state(key).account.refused >= 1
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "small"]
    assert {row["status"] for row in rows} == {"success"}


def test_many_callers_at_once_overdraw_nothing(gateway: Gateway) -> None:
    key = gateway.key(0.003)
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: gateway.post(key).status_code, range(64)))
    assert set(statuses) == {200, 429}
    spent = gateway.settled(key).account.spent_usd
    assert Decimal("0.002") < spent <= Decimal("0.003"), "and little is left"


def test_a_failed_call_gives_its_reservation_back(gateway: Gateway) -> None:
    key = gateway.key(1)
    assert gateway.post(key, model="failing").status_code >= 500
    assert gateway.settled(key).account.spent_usd == 0


def test_an_unknown_price_under_a_budget_is_refused_and_a_free_model_never(gateway: Gateway) -> None:
    refused = gateway.post(gateway.key(1), model="unpriced")
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "budget_exceeded")
    assert gateway.post(gateway.key(), model="unpriced").status_code == 200
    empty = gateway.key(1e-9)
    assert gateway.post(empty).status_code == 429
    assert gateway.post(empty, model="free").status_code == 200


def test_what_it_may_fall_back_to_is_set_aside_too(gateway: Gateway) -> None:
    key = gateway.key(0.001)
    assert gateway.post(key, model="falling").status_code == 429, "the dear one is beyond its budget"
    rich = gateway.key(1)
    assert gateway.post(rich, model="falling").status_code == 200


def test_a_call_goes_to_those_it_has_money_for(gateway: Gateway) -> None:
    """At the dear price one call is beyond the budget; at the cheap one it is not."""
    key = gateway.key(0.001, alias="poor")
    assert gateway.post(key, model="pair").status_code == 200
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "poor"]
    assert {row["deployment_id"] for row in rows} == {"dep-pair-cheap"}


def test_calls_go_to_the_cheaper_deployment_of_a_group(gateway: Gateway) -> None:
    key = gateway.key(alias="routed")
    assert {gateway.post(key, model="pair").status_code for _ in range(20)} == {200}
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "routed"]
    assert sum(row["deployment_id"] == "dep-pair-cheap" for row in rows) >= 14
    assert len(events(gateway.folder.spool, "decision")) >= 20


def test_of_the_groups_to_fall_back_to_the_cheapest_comes_first(gateway: Gateway) -> None:
    """The configuration names the dear one first."""
    assert gateway.post(gateway.key(alias="tumbled"), model="tumbling").status_code == 200
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "tumbled"]
    assert [row["deployment_id"] for row in rows if row["status"] == "success"] == ["dep-chat-ok"]


def test_a_team_has_a_budget_over_all_of_its_keys(gateway: Gateway) -> None:
    people.add(gateway.control, ("team", "poor"), by="test", limits=Limits(budget_pusd=1))
    refused = gateway.post(gateway.key(1, team_id="poor"))
    assert refused.status_code == 429
    assert refused.json()["error"]["scope"] == {"kind": "team", "id": "poor", "alias": None}


@pytest.mark.parametrize(
    ("limits", "admitted"),
    [({"requests_per_minute": 5}, 5), ({"tokens_per_minute": 300}, None), ({"parallel": 0}, 0)],
)
def test_limits_a_minute_hold_over_all_workers(gateway: Gateway, limits: Any, admitted: int | None) -> None:
    key = gateway.key(**limits)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: gateway.post(key), range(12)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["type"] == "rate_limit_exceeded"
    assert admitted is None or statuses.count(200) == admitted


def test_a_client_that_leaves_a_stream_pays_for_what_it_got(gateway: Gateway) -> None:
    key = gateway.key(1)
    body = {"model": "endless", "messages": MESSAGES, "max_tokens": 50, "stream": True}
    headers = {"Authorization": f"Bearer {key}"}
    with HTTP.stream("POST", f"{gateway.base}/v1/chat/completions", json=body, headers=headers) as response:
        next(response.iter_raw())
        assert gateway.state(key).account.reserved_usd > 0
    account = gateway.settled(key).account
    assert 0 < account.spent_usd < Decimal(1)


def test_the_old_key_goes_on_for_its_overlap(gateway: Gateway) -> None:
    old = gateway.key(alias="rotated")
    made = gateway.ask(MASTER, "POST", "/key/regenerate", key="rotated", grace_period="1h").json()
    assert [gateway.post(key).status_code for key in (old, made["key"])] == [200, 200]
    newest = gateway.ask(MASTER, "POST", f"/key/{made['token']}/regenerate").json()["key"]
    assert [gateway.post(key).status_code for key in (old, made["key"], newest)] == [401, 401, 200]


def test_a_worker_that_dies_is_started_again_and_its_calls_count_as_spent(gateway: Gateway) -> None:
    def workers() -> set[int]:
        return {HTTP.get(f"{gateway.base}/health").json()["worker"] for _ in range(30)}

    key = gateway.key(1)
    victim = min(workers())
    os.kill(victim, signal.SIGKILL)
    assert {gateway.post(key).status_code for _ in range(6)} == {200}, "the other one serves"
    until(lambda: victim not in workers() and len(workers()) == 2, 120)
    assert gateway.settled(key).account.spent_usd > 0
