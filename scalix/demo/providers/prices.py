"""The fake providers' own dated price list, in dollars for a million tokens of each class."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from scalix.demo.providers.tokens import Tokens

PICODOLLARS_PER_TOKEN = 1_000_000
"""A dollar for a million tokens is this many picodollars for one."""

LISTED = datetime(2024, 1, 1, tzinfo=UTC)


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars for a million tokens, valid from a day until the next entry of the same model."""

    model: str
    valid_from: datetime = LISTED
    input: Decimal
    output: Decimal = Decimal(0)
    cache_read: Decimal = Decimal(0)
    cache_write_5m: Decimal = Decimal(0)
    cache_write_1h: Decimal = Decimal(0)
    audio_input: Decimal = Decimal(0)
    audio_output: Decimal = Decimal(0)
    image_output: Decimal = Decimal(0)

    def cost_pusd(self, tokens: Tokens) -> int:
        """Picodollars for these tokens, exact; reasoning is billed as output."""
        dollars = (
            self.input * tokens.input
            + self.cache_read * tokens.cache_read
            + self.cache_write_5m * tokens.cache_write_5m
            + self.cache_write_1h * tokens.cache_write_1h
            + self.audio_input * tokens.audio_input
            + self.output * (tokens.output + tokens.reasoning)
            + self.audio_output * tokens.audio_output
            + self.image_output * tokens.image_output
        )
        return int(dollars * PICODOLLARS_PER_TOKEN)


def _openai(model: str, given: str, cached: str, out: str) -> Price:
    return Price(model=model, input=Decimal(given), cache_read=Decimal(cached), output=Decimal(out))


def _anthropic(model: str, given: str, out: str) -> Price:
    base = Decimal(given)
    return Price(
        model=model,
        input=base,
        cache_read=base / 10,
        cache_write_5m=base * Decimal("1.25"),
        cache_write_1h=base * 2,
        output=Decimal(out),
    )


PRICES = (
    _openai("gpt-4o-mini", "0.15", "0.075", "0.60"),
    _openai("gpt-4o", "2.50", "1.25", "10"),
    _openai("gpt-4.1-mini", "0.40", "0.10", "1.60"),
    _openai("o4-mini", "1.10", "0.275", "4.40"),
    _openai("openai/gpt-4o-mini", "0.15", "0.075", "0.60"),
    _openai("text-embedding-3-small", "0.02", "0.02", "0"),
    Price(model="gpt-image-1", input=Decimal(5), image_output=Decimal(40)),
    Price(model="gpt-4o-mini-transcribe", input=Decimal("1.25"), audio_input=Decimal("1.25"), output=Decimal(5)),
    _anthropic("claude-sonnet-4-5", "3", "15"),
    _anthropic("claude-haiku-4-5", "1", "5"),
    _openai("gemini-2.5-flash", "0.30", "0.03", "2.50"),
    _openai("gemini-2.5-pro", "1.25", "0.125", "10"),
    _openai("gemini-embedding-001", "0.15", "0.15", "0"),
)


def price_of(model: str, at: datetime) -> Price | None:
    """The entry valid for a model at a moment; None for a model that nobody bills, such as a local one."""
    valid = [price for price in PRICES if price.model == model and price.valid_from <= at]
    return max(valid, key=lambda price: price.valid_from, default=None)


def cost_pusd(model: str, tokens: Tokens, at: datetime) -> int | None:
    """What the provider bills for a call, in picodollars; None when the model has no price."""
    price = price_of(model, at)
    return None if price is None else price.cost_pusd(tokens)
