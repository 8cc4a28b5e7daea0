"""What clouds sell, told from its description: which class of token, how many, and of which model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analytics.reconcile.lines import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_CACHE = re.compile(r"cach|cchd", re.IGNORECASE)
_WRITE = re.compile(r"write|creation", re.IGNORECASE)
_HOUR = re.compile(r"\b1 ?h(our|r)?\b", re.IGNORECASE)
_AUDIO = re.compile(r"audio|\baud\b", re.IGNORECASE)
_IMAGE = re.compile(r"image|\bimg\b", re.IGNORECASE)
_OUTPUT = re.compile(r"output|\boutp?\b|\bopt\b|completion|response", re.IGNORECASE)
_INPUT = re.compile(r"input|\binp?\b|prompt", re.IGNORECASE)
_STORED = re.compile(r"storage|hour", re.IGNORECASE)
_UNIT = re.compile(r"^\s*([\d,.]+)?\s*([KMB])?(?:\W|$|[a-z])", re.IGNORECASE)
_TIMES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_WORDS = re.compile(r"[^a-z0-9]+")
_LEAST_NAME = 3


def class_of(text: str) -> str | None:
    """The token class that a description speaks of; None when it is sold otherwise than by token."""
    spaced = re.sub(r"[-_]", " ", text)
    if _OUTPUT.search(spaced):
        return "audio_output" if _AUDIO.search(spaced) else "image_output" if _IMAGE.search(spaced) else "output"
    if _CACHE.search(spaced):
        if _STORED.search(spaced) and not _WRITE.search(spaced):
            return None
        written = "cache_write_1h" if _HOUR.search(spaced) else "cache_write_5m"
        return written if _WRITE.search(spaced) else "cache_read"
    if _INPUT.search(spaced):
        return "audio_input" if _AUDIO.search(spaced) else "image_input" if _IMAGE.search(spaced) else "input"
    return None


def in_tokens(quantity: Decimal, unit: str) -> int:
    """A quantity in units such as ``1K``, ``1M tokens`` or ``tokens`` as tokens. Raises RecordError."""
    stated = _UNIT.match(unit)
    number = (stated[1] or "1").replace(",", "") if stated else "1"
    scale = _TIMES[(stated[2] or "").upper()] if stated else 1
    try:
        tokens = round(quantity * int(float(number)) * scale)
    except ValueError as error:
        raise RecordError(f"its unit is {unit!r}, which is no number of tokens") from error
    if tokens < 0:
        raise RecordError(f"its quantity is {quantity}, which is no count")
    return tokens


def model_in(text: str, models: Iterable[str]) -> str | None:
    """The model that a description names, of those known: the longest whose letters and digits stand in it."""
    said = _short(text)
    found = [model for model in models if len(_short(model)) >= _LEAST_NAME and _short(model) in said]
    return max(found, key=lambda model: (len(_short(model)), model), default=None)


def _short(text: str) -> str:
    return _WORDS.sub("", text.rsplit("/", 1)[-1].lower())
