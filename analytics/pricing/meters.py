"""What providers charge for: token classes, which are disjoint, and units such as a search or a second of sound."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

Quantities = Mapping[str, int | Decimal]
"""How much of each meter a call used. Seconds may be fractions; everything else is whole."""

INPUT_CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_input", "image_input")
OUTPUT_CLASSES = ("output", "reasoning", "audio_output", "image_output")
TOKEN_CLASSES = INPUT_CLASSES + OUTPUT_CLASSES
"""Named like the columns of an attempt, without ``_tokens``. Their sum is what the provider billed."""

UNITS = (
    "request",
    "web_search",
    "searched_prompt",  # a prompt that searched at all, however many searches it made
    "map_search",
    "citation_token",
    "code_session",
    "query",
    "second",
    "output_second",
    "character",
    "output_character",
    "image",
    "output_image",
    "pixel",
    "output_pixel",
)
METERS = TOKEN_CLASSES + UNITS
INSTEAD_OF_TOKENS = ("query", "second", "character", "output_image", "output_pixel")
"""Units by which calls are charged of which no tokens are counted; the collector records them."""

CHARGED_LIKE: Mapping[str, str] = MappingProxyType(
    {
        "cache_read": "input",
        "cache_write_5m": "input",
        "cache_write_1h": "cache_write_5m",
        "audio_input": "input",
        "image_input": "input",
        "reasoning": "output",
        "audio_output": "output",
        "image_output": "output",
    }
)
"""The class whose price stands in when a class has none of its own, as providers bill it."""


def prompt_tokens(quantities: Quantities) -> int:
    """Tokens of the whole prompt, cached or not: what a context threshold is compared with."""
    return int(sum(quantities.get(name, 0) for name in INPUT_CLASSES))
