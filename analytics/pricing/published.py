"""The price book for a command: as the hub published it, else as the installed LiteLLM's map says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from analytics.lake.files import TABLES
from analytics.pricing.book import FACT_SCHEMA, Book, of_map
from analytics.pricing.litellm_map import installed_map
from scalix.errors import StoreError
from scalix.times import EPOCH

if TYPE_CHECKING:
    from scalix.folder import Folder

NO_BOOK = (
    "there is no price book: start the hub (`scalix up`) with LiteLLM installed, or set prices with `scalix prices set`"
)


def published_book(folder: Folder) -> Book:
    """The book of this folder. Raises StoreError when there is neither a published one nor an installed map."""
    path = folder.lake / TABLES / "prices.parquet"
    frame = _read(path) if path.exists() else pl.DataFrame(schema=FACT_SCHEMA)
    if frame.height:
        return Book(frame)
    installed = installed_map()
    if installed is None:
        raise StoreError(NO_BOOK)
    return Book(of_map(installed, EPOCH, EPOCH))


def _read(path: object) -> pl.DataFrame:
    try:
        return pl.read_parquet(str(path)).select(FACT_SCHEMA.names()).cast(FACT_SCHEMA)
    except (PolarsError, OSError) as error:
        raise StoreError(f"{path} cannot be read: {error}; start the hub once to write it anew") from error
