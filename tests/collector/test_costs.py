"""Unknown cost is never 0, and what is no amount of money is flagged, not stored."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import litellm
import pytest

from collector import costs
from scalix.events import AttemptEvent

ZERO_PRICES = {"model_map_value": {"input_cost_per_token": 0.0, "output_cost_per_token": 0}}
RECORDED = json.loads((Path(__file__).parents[1] / "data" / "litellm-payloads.json").read_text())


def costed(payload: dict[str, Any], *, cache_hit: bool | None = None) -> AttemptEvent:
    event = AttemptEvent(kind="success", call_id="c", started_us=1, at_us=1, cache_hit=cache_hit)
    costs.record(event, {}, payload)
    return event


def test_dollars_become_picodollars() -> None:
    assert costed({"response_cost": 2.4e-05}).litellm_cost_pusd == 24_000_000


@pytest.mark.parametrize("payload", [{"response_cost": 0.0}, {"response_cost": None}, {"other": 1}])
def test_zero_without_a_price_of_zero_is_unknown(payload: dict[str, Any]) -> None:
    assert costed(payload).litellm_cost_pusd is None


def test_a_model_priced_at_zero_is_free() -> None:
    assert costed({"response_cost": 0.0, "model_map_information": ZERO_PRICES}).litellm_cost_pusd == 0


def test_a_failed_cost_calculation_is_unknown() -> None:
    failed = {"response_cost": 0.0, "response_cost_failure_debug_info": {"error_str": "unmapped"}}
    assert costed({**failed, "model_map_information": ZERO_PRICES}).litellm_cost_pusd is None


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -1.0, 1e12, "0.1", True, Decimal("0.1"), [1]])
def test_no_amount_of_money_is_flagged(amount: object) -> None:
    event = costed({"response_cost": amount})
    assert event.litellm_cost_pusd is None
    assert event.flags == ["cost_not_an_amount"]


def test_a_cache_hit_costs_nothing_and_tells_what_it_saved() -> None:
    event = costed({"response_cost": 0.0, "saved_cache_cost": 2.4e-05, "cost_breakdown": {"x": 1.0}}, cache_hit=True)
    assert (event.litellm_cost_pusd, event.saved_pusd, event.cost_breakdown) == (0, 24_000_000, None)


def test_the_providers_own_cost() -> None:
    usage = {"cost": 1e-05, "prompt_tokens": 1}
    assert costed({"metadata": {"usage_object": usage}}).provider_cost_pusd == 10_000_000
    header = {"hidden_params": {"additional_headers": {costs.PROVIDER_COST_HEADER: "0.00002"}}}
    assert costed(header).provider_cost_pusd == 20_000_000


def test_recorded_payloads() -> None:
    success = costed(RECORDED["success"])
    assert success.litellm_cost_pusd == 24_000_000
    assert costed(RECORDED["cache_hit"], cache_hit=True).saved_pusd == 24_000_000
    assert costed(RECORDED["failure_429"]).litellm_cost_pusd is None


def test_zero_that_litellm_filled_in_for_a_deployment_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "lm_studio/nobodys-model"
    zeros = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    payload = {"response_cost": 0.0, "model_map_information": {"model_map_value": {"key": name, **zeros}}}
    monkeypatch.setitem(litellm.model_cost, name, {"litellm_provider": "lm_studio"})
    assert costed(payload).litellm_cost_pusd is None
    monkeypatch.setitem(litellm.model_cost, name, {"litellm_provider": "lm_studio", **zeros})
    assert costed(payload).litellm_cost_pusd == 0
