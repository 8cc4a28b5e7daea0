"""What attempts recorded of units beyond tokens, as columns of quantities, and the names that price images of a size.

Nearly no attempt has any, so columns are made for those meters alone that occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.meters import INSTEAD_OF_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = ("size", "quality")
"""What the price of an image depends on."""
PER_SECOND = 1_000_000
"""Seconds are counted in microseconds here, so that all quantities are whole."""
_IMAGE_PATTERNS = (r'"size":\s*"(\d{1,5}-x-\d{1,5})"', r'"quality":\s*"([a-z0-9_-]{1,32})"')
_MOST_SECONDS = 10**9


def quantities(units: pl.Series, by_tokens: pl.Expr) -> list[pl.Expr]:
    """A column for each meter that occurs, and those of ``IMAGE`` where images do. Tokens are billed first."""
    text = pl.when(~by_tokens).then(pl.lit(units))
    found = [_quantity(text, meter).alias(meter) for meter in INSTEAD_OF_TOKENS if _occurs(units, meter)]
    if _occurs(units, "output_image"):
        found += [text.str.extract(pattern).alias(name) for name, pattern in zip(IMAGE, _IMAGE_PATTERNS, strict=True)]
    return found


def names(model: str | None, size: str | None, quality: str | None) -> Iterator[str]:
    """The names that price a model's images of one size and quality, the most specific first, as LiteLLM looks."""
    if model and size:
        bare = model.rsplit("/", 1)[-1]
        for name in dict.fromkeys((model, bare)):
            if quality:
                yield f"{quality}/{size}/{name}"
            yield f"{size}/{name}"


def charged_once(priced: pl.DataFrame) -> pl.DataFrame:
    """Images by the image where there is such a price, else by the pixel. Rates are in ``meter:rate``."""
    if not {"output_image", "output_pixel"} <= set(priced.columns):
        return priced
    by_image = pl.col("output_image:rate").is_not_null() | pl.col("output_pixel").is_null()
    return priced.with_columns(
        output_image=pl.when(by_image).then("output_image"), output_pixel=pl.when(~by_image).then("output_pixel")
    )


def by_whole_second(priced: pl.DataFrame) -> pl.DataFrame:
    """Seconds as such; parts of seconds get no rate."""
    if "second" not in priced.columns:
        return priced
    whole = pl.col("second") % PER_SECOND == 0
    return priced.with_columns(
        pl.when(whole).then("second:rate").alias("second:rate"), second=pl.col("second") // PER_SECOND
    )


def _occurs(units: pl.Series, meter: str) -> bool:
    return units.null_count() < units.len() and bool(units.str.contains(f'"{meter}"', literal=True).any())


def _quantity(text: pl.Expr, meter: str) -> pl.Expr:
    if meter != "second":
        return text.str.extract(rf'"{meter}":\s*(\d{{1,18}})[,}}]').cast(pl.Int64)
    seconds = text.str.extract(r'"second":\s*(\d{1,9}(?:\.\d+)?)[,}]').cast(pl.Float64)
    return pl.when(seconds <= _MOST_SECONDS).then((seconds * PER_SECOND).round().cast(pl.Int64))
