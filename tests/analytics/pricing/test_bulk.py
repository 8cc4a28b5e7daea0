"""Many attempts priced at once cost exactly what they cost one by one."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.intake.decode import EVENT_SCHEMA
from analytics.pricing import signs, units
from analytics.pricing.book import FACT_SCHEMA, Book, of_map
from analytics.pricing.bulk import book_costs
from analytics.pricing.litellm_map import installed_map
from analytics.pricing.meters import INSTEAD_OF_TOKENS, TOKEN_CLASSES, prompt_tokens
from analytics.pricing.price import MOST_UNITS, price
from analytics.pricing.rates import Circumstances
from scalix.times import EPOCH, from_us, to_us

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MONTH = timedelta(days=30)
SPAN = (to_us(NOW - MONTH), to_us(NOW))
BORDERS = (NOW - MONTH / 2, NOW - MONTH / 3, NOW - MONTH / 4, NOW - timedelta(days=5, hours=-1))
"""Moments at which own prices, and the off-peak hours of a weekday, begin or end."""
ADDRESSES = (None, "https://eu.api.openai.com/v1", "https://us-east5-aiplatform.googleapis.com")
USAGES = (
    None,
    {"service_tier": "default"},
    {"service_tier": "priority", "server_tool_use": {"web_search_requests": 3}},
    {"service_tier": "batch", "inference_geo": "not_available"},
    {"inference_geo": "us", "speed": "fast"},
    {"prompt_tokens_details": {"web_search_requests": 1}},
)
UNITS = (
    {"output_image": 3, "output_pixel": 3 * 1024 * 1024, "size": "1024-x-1024", "quality": "hd"},
    {"output_image": 1, "quality": "standard"},
    {"second": 12},
    {"second": 61.123457},
    {"character": 4096},
    {"query": 2},
)


@lru_cache(maxsize=1)
def whole_book() -> Book:
    """LiteLLM's map, with own prices that begin, end, discount and are known later."""
    installed = installed_map()
    assert installed is not None
    own = [
        _own(("openai", "gpt-4o", "input"), "3.3", NOW - MONTH / 2, None, NOW - MONTH / 2),
        _own(("openai", "gpt-4o", "input"), "7", NOW - MONTH / 3, NOW - MONTH / 4, NOW - MONTH / 5),
        _own(("openai", "gpt-4o", "input"), None, NOW - MONTH / 8, None, NOW - MONTH / 8),
        _own(("anthropic", "*", "factor"), "0.87", NOW - MONTH / 2, None, NOW - MONTH / 2),
        _own(("internal", "house-*", "input"), "0", EPOCH, None, NOW - MONTH),
        _own(("internal", "house-*", "output"), "0.000000000001", EPOCH, None, NOW - MONTH),
    ]
    seeded = of_map(installed, NOW - MONTH, EPOCH)
    return Book(pl.concat([seeded, pl.DataFrame(own, schema=FACT_SCHEMA, orient="row")]))


def _own(key: tuple[str, str, str], amount: str | None, *moments: datetime | None) -> tuple[Any, ...]:
    provider, model, meter = key
    start, end, known = moments
    value = None if amount is None else Decimal(amount)
    tier = "*" if meter == "factor" else "standard"
    return provider, model, meter, 0, tier, "*", None, value, start, end, known, "own", "test"


def one_by_one(attempt: dict[str, Any], book: Book, known_at: datetime) -> int | None:
    """The cost of one attempt in picodollars, by the scalar arithmetic."""
    if attempt["cache_hit"]:
        return 0
    beyond = json.loads(attempt["units"] or "{}", parse_float=Decimal)
    counted = any((attempt[f"{name}_tokens"] or 0) > 0 for name in TOKEN_CLASSES)
    image = () if counted else units.names(attempt["model"], beyond.get("size"), beyond.get("quality"))
    found = book.find(attempt["provider"], *image, attempt["model"], attempt["served_model"])
    if found is None:
        return None
    quantities: dict[str, int | Decimal] = {
        name: attempt[f"{name}_tokens"] for name in TOKEN_CLASSES if attempt[f"{name}_tokens"] is not None
    }
    quantities |= {name: beyond[name] for name in INSTEAD_OF_TOKENS if name in beyond}
    searched = signs.searches(attempt["usage"])
    if searched is not None:
        quantities["web_search"] = searched
    moment = from_us(attempt["started_us"])
    tier = signs.service_tier(attempt["usage"], attempt["cost_breakdown"])
    place = signs.region(attempt["usage"], attempt["api_base"])
    now = Circumstances(moment, prompt_tokens(quantities), tier, place)
    cost = price(quantities, book.in_force(*found, moment, known_at), now).cost_usd
    return None if cost is None else int(cost.scaleb(12))


def _attempt(dice: random.Random, provider: str, model: str) -> dict[str, Any]:
    few = dice.random() < 0.6
    beyond = dice.choice(UNITS) if dice.random() < 0.2 else None
    few = few and beyond is None
    counts: dict[str, int | None] = {
        f"{name}_tokens": dice.choice([None, 0, 1, dice.randint(1, 300_000)]) if few or dice.random() < 0.1 else None
        for name in TOKEN_CLASSES
    }
    if dice.random() < 0.3:  # at a context threshold, and at a tie between two picodollars
        counts = {**dict.fromkeys(counts), "output_tokens": 500_000 * dice.randint(1, 9)}
        counts["input_tokens"] = dice.choice([128_000, 200_000, 272_000]) + dice.choice([-1, 0, 1])
    if dice.random() < 0.02:
        counts["input_tokens"] = dice.choice([MOST_UNITS, MOST_UNITS + 1, 2**62])
    usage = dice.choice(USAGES)
    tier = dice.choice([None, None, "flex", "priority", "standard"])
    return {
        "kind": "success",
        "call_id": "x",
        "at_us": 1,
        "started_us": to_us(dice.choice(BORDERS)) + dice.choice([-1, 0, 1])
        if dice.random() < 0.5
        else dice.randrange(*SPAN),
        "provider": provider,
        "model": dice.choice([model, f"{provider}/{model}", None]),
        "served_model": dice.choice([None, model]),
        "api_base": dice.choice(ADDRESSES),
        "cache_hit": dice.choice([None, False, False, False, True]),
        "units": None if beyond is None else json.dumps(beyond, separators=dice.choice([None, (",", ":")])),
        "usage": None if usage is None else json.dumps(usage, separators=dice.choice([None, (",", ":")])),
        "cost_breakdown": None if tier is None else json.dumps({"total_cost": 0.1, "service_tier": tier}),
        **counts,
    }


def test_what_only_a_factor_is_known_of_is_unpriced_even_when_nothing_was_used() -> None:
    row = _attempt(random.Random(1), "anthropic", "*")
    row |= dict.fromkeys(f"{name}_tokens" for name in TOKEN_CLASSES) | {"input_tokens": 0}
    row |= {"model": "*", "served_model": "*", "cache_hit": False, "usage": None, "started_us": to_us(NOW)}
    frame = pl.DataFrame([row], schema=EVENT_SCHEMA)
    assert book_costs(frame, whole_book(), NOW).to_list() == [one_by_one(row, whole_book(), NOW)] == [None]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), known_days=st.integers(-1, 30))
def test_bulk_equals_one_by_one(seed: int, known_days: int) -> None:
    dice = random.Random(seed)
    book = whole_book()
    pairs = [(provider, model) for provider, models in sorted(book.names.items()) for model in sorted(models)]
    pairs = [
        *dice.sample(pairs, 20),
        ("openai", "gpt-4o"),
        ("anthropic", "claude-sonnet-4-5"),
        ("internal", "house-9"),
        ("gemini", "gemini-2.5-pro"),
        ("gemini", "gemini-2.5-flash-image"),
        ("azure", "dall-e-3"),
        ("openai", "whisper-1"),
        ("openai", "tts-1"),
        ("cohere", "rerank-v3.5"),
    ]
    pairs += [("deepseek", "deepseek-flash"), ("nobody", "nothing"), ("openai", "gpt-4o-2099-01-01")]
    rows = [_attempt(dice, *dice.choice(pairs)) for _ in range(200)]
    known_at = NOW - timedelta(days=known_days)
    frame = pl.DataFrame(rows, schema=EVENT_SCHEMA)
    assert book_costs(frame, book, known_at).to_list() == [one_by_one(row, book, known_at) for row in rows]


def test_no_attempts_have_no_costs() -> None:
    assert book_costs(pl.DataFrame(schema=EVENT_SCHEMA), whole_book(), NOW).to_list() == []
