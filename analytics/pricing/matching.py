"""From a call's provider and model to the names under which the book may know it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_DATED = re.compile(r"(?:-\d{4}-\d{2}-\d{2}|-\d{8}|@\d{8}|@latest|-\d{3})$")
_FINE_TUNED = re.compile(r"(?::[^:]*){3}$")
_FAMILIES = ("vertex_ai", "bedrock", "fireworks_ai", "cohere", "text-completion-openai", "azure_text")
_CALLED = {"text-completion-openai": "openai", "azure_text": "azure"}
NEAREST_CUTOFF = 0.6


@lru_cache(maxsize=4096)
def provider_name(provider: str) -> str:
    """One name per provider: LiteLLM splits some by API or model family (``vertex_ai-language-models``)."""
    family = next(
        (family for family in _FAMILIES if provider == family or provider.startswith((f"{family}-", f"{family}_"))),
        provider,
    )
    return _CALLED.get(family, family)


@lru_cache(maxsize=65536)
def model_name(provider: str, model: str) -> str:
    """A model's name without its provider's prefix, however often it is repeated."""
    prefix = f"{provider}/"
    name = model.removeprefix(prefix)
    while name.startswith(prefix) and name.removeprefix(prefix).startswith(prefix):
        name = name.removeprefix(prefix)
    return name


def undated(name: str) -> str:
    """A model's name without the date or number of its version."""
    return _DATED.sub("", name)


def candidates(provider: str, model: str) -> Iterator[str]:
    """Names to look for, best first: as asked, without a fine-tune's suffix, without a date or version."""
    name = model_name(provider, model)
    yield name
    if name != model:
        yield model
    if name.startswith(f"{provider}/"):
        yield name.removeprefix(f"{provider}/")
    if "ft:" in name:
        yield _FINE_TUNED.sub("", name)
    if undated(name) != name:
        yield undated(name)


def match(provider: str, model: str, names: Collection[str]) -> str | None:
    """The name among ``names`` (the book's, of this provider) that prices the model, or None.

    A pattern with ``*`` is tried when no name fits; the longest one wins. ``*`` alone never makes a model priced.
    """
    for name in candidates(provider, model):
        if name in names:
            return name
    name = model_name(provider, model)
    patterns = [known for known in names if "*" in known and known != "*" and fnmatchcase(name, known)]
    return max(patterns, key=len, default=None)


def nearest(model: str, names: Collection[str]) -> str | None:
    """The priced name most like an unpriced one, to suggest; None when nothing is alike."""
    known = sorted(names)
    for name in (model, model.rsplit("/", 1)[-1]):
        close = get_close_matches(name, known, n=1, cutoff=NEAREST_CUTOFF)
        if close:
            return close[0]
    return None
