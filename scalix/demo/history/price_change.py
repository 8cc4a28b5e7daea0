"""What a model cost before its price changed, set as an operator would have: the book needs it to price the past."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scalix.demo.history.arrivals import DAYS
from scalix.demo.history.incidents import PRICE_BEFORE, PRICE_CHANGE_DAYS, PRICE_CHANGE_MODEL
from scalix.demo.providers.prices import LISTED, price_of
from scalix.events import PriceEvent
from scalix.times import to_us

if TYPE_CHECKING:
    from datetime import datetime

METERS = ("input", "cache_read", "output")


def former_prices(end: datetime) -> list[PriceEvent]:
    """The prices that held until the change; from then on LiteLLM's map is right."""
    price = price_of(PRICE_CHANGE_MODEL, LISTED)
    if price is None:
        return []
    return [
        PriceEvent(
            at_us=to_us(end - timedelta(days=DAYS)),
            provider="openai",
            model=PRICE_CHANGE_MODEL,
            meter=meter,
            amount=getattr(price, meter) * PRICE_BEFORE,
            valid_from_us=0,
            valid_to_us=to_us(end - timedelta(days=PRICE_CHANGE_DAYS)),
            source="the demo's price change",
        )
        for meter in METERS
    ]
