"""The way of the integration guide, end to end: an app gets a key with a budget, chats, and sees what it used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import openai
import pytest

from tests.collector.conftest import until
from tests.gateway.running import MASTER, MESSAGES, Gateway


def test_from_a_key_with_budget_10_to_what_it_used(gateway: Gateway) -> None:
    made = gateway.ask(
        MASTER, "POST", "/key/generate", user_id="guide-ada", max_budget=10, budget_duration="1mo", models=["chat"]
    ).json()
    key = made["key"]
    assert (made["max_budget"], made["user_id"], made["models"]) == (10.0, "guide-ada", ["chat"])

    client = openai.OpenAI(base_url=f"{gateway.base}/v1", api_key=key)
    answer = client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=50)
    assert answer.choices[0].message.content == "hello world"
    spent = float(gateway.settled(key).account.spent_usd)

    info = gateway.ask(key, "GET", "/v1/user/info").json()
    assert (info["userId"], info["usedCredits"], info["totalCredits"]) == ("guide-ada", spent, 10.0)
    assert datetime.fromisoformat(info["budgetResetDate"]).day == 1
    budget = gateway.ask(key, "GET", "/v1/user/budget").json()
    assert (budget["spend"], budget["remaining"]) == (spent, pytest.approx(10 - spent))
    user = gateway.ask(key, "GET", "/user/info").json()
    assert (user["user_id"], user["user_info"]["spend"], len(user["keys"])) == ("guide-ada", spent, 1)
    assert gateway.ask(key, "GET", "/key/info").json()["info"]["spend"] == spent

    def logged() -> list[dict[str, Any]]:
        asked = gateway.ask(MASTER, "GET", "/spend/logs?user_id=guide-ada")
        return asked.json() if asked.status_code == 200 else []

    until(logged, 60)
    (log,) = logged()
    assert (log["api_key"], log["spend"], log["model_group"]) == (made["token"], pytest.approx(spent), "chat")
    assert gateway.ask(key, "GET", "/spend/logs").json() == [log], "the holder sees the same"
    today = log["startTime"][:10]
    dated = gateway.ask(MASTER, "GET", f"/spend/logs?start_date={today}&end_date={today}&user_id=guide-ada").json()
    assert dated[0]["users"] == {"guide-ada": pytest.approx(spent)}
    report = gateway.ask(
        MASTER, "GET", f"/global/spend/report?start_date={today}&end_date={today}&group_by=internal_user_id"
    ).json()
    assert {one["internal_user_id"]: one["total_cost"] for one in report}["guide-ada"] == pytest.approx(spent)
    # The ledger has the call by now: what the gateway has counted agrees with it.
    assert float(gateway.state(key).account.spent_usd) == pytest.approx(log["spend"])


def test_a_small_budget_is_run_into(gateway: Gateway) -> None:
    user = gateway.ask(MASTER, "POST", "/user/new", user_id="guide-bob", max_budget=0.0003).json()
    client = openai.OpenAI(base_url=f"{gateway.base}/v1", api_key=user["key"])

    def until_refused() -> None:
        for _ in range(10):
            client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=20)

    with pytest.raises(openai.RateLimitError) as refused:
        until_refused()
    assert refused.value.type == "budget_exceeded"
    assert refused.value.body["scope"]["kind"] == "user"  # type: ignore[index]  # an error's body is an object
    info = gateway.ask(user["key"], "GET", "/v1/user/info").json()
    assert 0 < info["usedCredits"] <= info["totalCredits"] == 0.0003


def test_a_team_its_members_and_a_shared_budget_over_http(gateway: Gateway) -> None:
    def ask(method: str, path: str, **body: Any) -> Any:
        answer = gateway.ask(MASTER, method, path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert ask("POST", "/budget/new", budget_id="tier", max_budget=5, rpm_limit=50)["max_budget"] == 5
    team = ask("POST", "/team/new", team_id="guide-team", team_alias="Guides", budget_id="tier")
    assert (team["max_budget"], team["rpm_limit"]) == (5, 50)
    added = ask("POST", "/team/member_add", team_id="guide-team", member={"user_id": "guide-eve", "role": "admin"})
    assert added["members_with_roles"] == [{"user_id": "guide-eve", "role": "admin"}]
    ask("POST", "/budget/update", budget_id="tier", max_budget=7)
    assert ask("GET", "/team/info?team_id=guide-team")["team_info"]["max_budget"] == 7
    assert ask("POST", "/budget/info", budgets=["tier"])[0]["rpm_limit"] == 50
    key = ask("POST", "/key/generate", team_id="guide-team", key_alias="guides", metadata={"tags": ["x"]})
    assert key["tags"] == ["x"]
    assert ask("POST", "/key/update", key="guides", max_budget=1, models=["chat"])["max_budget"] == 1
    assert ask("POST", "/key/update", key="guides", max_budget=None)["max_budget"] is None
    assert gateway.post(key["key"]).status_code == 200
    assert ask("POST", "/team/block", team_id="guide-team")["blocked"]
    assert gateway.post(key["key"]).status_code == 401
    ask("POST", "/team/unblock", team_id="guide-team")
    assert gateway.ask(MASTER, "POST", "/team/delete", team_ids=["guide-team"]).status_code == 400
    assert ask("POST", "/key/delete", keys=[key["key"]]) == {"deleted_keys": [key["token"]]}
    assert ask("POST", "/team/delete", team_ids=["guide-team"]) == {"deleted_teams": ["guide-team"]}
    assert gateway.ask(MASTER, "GET", "/team/info?team_id=guide-team").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"max_budget": "much"},
        {"max_budget": -1},
        {"max_budget": "NaN"},
        {"duration": "soon"},
        {"user_id": 5},
        {"budget_duration": "5 weeks"},
        {"rpm_limit": "many"},
        {"models": "chat"},
        {"budget_id": "none"},
    ],
)
def test_what_is_no_key_is_refused_with_a_reason(gateway: Gateway, body: dict[str, Any]) -> None:
    refused = gateway.ask(MASTER, "POST", "/key/generate", **body)
    assert refused.status_code in {400, 404}
    assert refused.json()["error"]["message"]
