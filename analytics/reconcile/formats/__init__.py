"""The exports that can be read, one module per provider, and how a record is told to be of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.reconcile.formats import anthropic, azure, focus, google, openai, openrouter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from analytics.reconcile.lines import Line, Record


@dataclass(frozen=True)
class Format:
    """A kind of export."""

    name: str
    recognises: Callable[[Record], bool]
    line: Callable[[Record], Line | None]
    """The line a record states, None when it is about something else. Raises RecordError."""
    merged: Mapping[str, str]
    """Token classes it does not tell apart, and the class under which they are counted."""


FORMATS = (
    Format("OpenAI usage", openai.is_usage, openai.usage_line, openai.MERGED),
    Format("OpenAI costs", openai.is_cost, openai.cost_line, openai.MERGED),
    Format("Anthropic usage", anthropic.is_usage, anthropic.usage_line, anthropic.MERGED),
    Format("Anthropic cost", anthropic.is_cost, anthropic.cost_line, anthropic.MERGED),
    Format("OpenRouter activity", openrouter.is_activity, openrouter.line, openrouter.MERGED),
    Format("FOCUS", focus.is_charge, focus.line, focus.MERGED),
    Format("Google Cloud billing", google.is_usage, google.line, google.MERGED),
    Format("Azure cost details", azure.is_usage, azure.line, azure.MERGED),
)


def format_of(record: Record) -> Format | None:
    """The export a record comes from; None when it is none of these."""
    return next((one for one in FORMATS if one.recognises(record)), None)
