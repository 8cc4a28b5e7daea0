"""From a call on the spool to a signed message at a receiver, through a real hub; and over its restart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from scalix.times import now
from tests import forked
from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.hub.running import HubProcess, calls, eventually, in_lake, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scalix.folder import Folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def scalix(folder: Folder, *arguments: str) -> str:
    return forked.run("-m", "scalix", *arguments, "--folder", str(folder.root), check=True).stdout


def test_a_budget_that_is_crossed_is_told_once_also_over_a_restart(
    folder: Folder, new_hub: Callable[..., HubProcess], receiver: Receiver
) -> None:
    scalix(folder, "alert", "add", "ops", receiver.url, "--secret", SECRET)
    scalix(folder, "budget", "add", "all", "0.01", "--at", "100=block", "--reason", "a small one")
    hub = new_hub(SCALIX_ALLOW_PRIVATE_WEBHOOKS="true")
    hub.start()
    receiver.status = 503
    write_segment(folder.spool, calls(0, 10))
    eventually(lambda: receiver.tries)
    hub.stop()

    receiver.status = 200
    hub.start()
    eventually(lambda: receiver.seen, within_s=30)
    write_segment(folder.spool, calls(10, 5))
    eventually(lambda: "0.02 of 0.01 USD" in scalix(folder, "budget", "list"))
    hub.stop()

    ((message_id, content),) = receiver.seen
    assert content["type"] == "budget.threshold_reached"
    assert (content["data"]["subject"], content["data"]["action"]) == ("all", "block")
    assert content["data"]["budget"]["spent_usd"].startswith("0.015")
    assert f"{message_id} to ops: delivered" in scalix(folder, "alert", "log")
    assert "firing: budget all at 100%" in scalix(folder, "alert", "list")


def test_budgets_are_kept_and_read_over_http_by_those_who_may(
    folder: Folder, new_hub: Callable[..., HubProcess]
) -> None:
    hub = new_hub(SCALIX_ADMIN_TOKEN="administrator", SCALIX_READ_TOKEN="reader")
    url = hub.start().url
    admin, reader = ({"Authorization": f"Bearer {token}"} for token in ("administrator", "reader"))
    body = {"budget": {"amount_usd": "0.01", "window": "day", "thresholds": [{"percent": 80}]}, "reason": "a try"}
    place = f"{url}/v1/budgets/search%20all"
    assert httpx.get(place).status_code == 401
    assert httpx.put(place, json=body, headers=reader).status_code == 401
    assert httpx.get(place, headers=reader).status_code == 404
    assert httpx.put(place, json={"budget": {"amount_usd": "0"}}, headers=admin).status_code == 422
    kept = {"budget": "search all", "changed": False, "warnings": []}
    assert httpx.put(place, json=body, headers=admin).json() == kept
    telling = {"budget": {"amount_usd": "0.01", "window": "day", "channels": ["nobody"]}}
    (warned,) = httpx.put(place, json=telling, headers=admin).json()["warnings"]
    assert warned.startswith("budget search all tells nobody, which is no channel (there are: none); ")
    write_segment(folder.spool, calls(0, 10))
    eventually(lambda: httpx.get(place, headers=reader).json()["spent_usd"].startswith("0.015"))
    assert [one["name"] for one in httpx.get(f"{url}/v1/budgets", headers=reader).json()["budgets"]] == ["search all"]
    eventually(lambda: httpx.get(f"{url}/v1/alerts", headers=reader).json()["alerts"])

    blocking = {"amount_usd": 0.01, "window": "day", "thresholds": [{"percent": 100, "action": "block"}]}
    trial = {"budget": blocking, "start": _days_ago(2)}
    found = httpx.post(f"{url}/v1/budgets:simulate", json=trial, headers=reader).json()
    assert found["thresholds"][0]["reached"] == 1
    assert httpx.delete(f"{place}?reason=enough", headers=admin).json()["removed"] is True
    assert httpx.get(f"{url}/v1/budgets", headers=reader).json() == {"budgets": []}
    eventually(lambda: "enough" in str(in_lake(folder, "SELECT reason FROM budget_changes")), within_s=30)


def _days_ago(days: int) -> str:
    return (now() - timedelta(days=days)).isoformat()
