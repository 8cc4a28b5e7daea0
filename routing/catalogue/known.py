"""The providers that the catalogue knows: our names, LiteLLM's names, and where their keys are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Known:
    """One provider. ``keys`` and ``bases`` are environment variables, the first that is set counts."""

    name: str
    litellm: str
    """LiteLLM's name for it, the first part of its models' names."""
    keys: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    needs_key: bool = True
    needs_base: bool = False
    default_base: str | None = None
    default_model: str | None = None
    """What ``auto`` takes when the settings name no model; None where only the account's owner can know."""


_ALL = (
    Known("openai", "openai", ("OPENAI_API_KEY",), ("OPENAI_BASE_URL", "OPENAI_API_BASE"), default_model="gpt-4o-mini"),
    Known(
        "anthropic",
        "anthropic",
        ("ANTHROPIC_API_KEY",),
        ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"),
        default_model="claude-haiku-4-5",
    ),
    Known("google", "gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), default_model="gemini-2.5-flash"),
    Known("azure", "azure", ("AZURE_API_KEY",), ("AZURE_API_BASE",), needs_base=True),
    Known("openrouter", "openrouter", ("OPENROUTER_API_KEY",), default_model="openai/gpt-4o-mini"),
    Known("ollama", "ollama_chat", bases=("OLLAMA_API_BASE",), needs_key=False, default_base="http://127.0.0.1:11434"),
    Known(
        "lmstudio", "lm_studio", bases=("LM_STUDIO_API_BASE",), needs_key=False, default_base="http://127.0.0.1:1234/v1"
    ),
    Known("scalix-pro", "scalix-pro", ("SCALIX_PRO_API_KEY",)),
)
PROVIDERS: Mapping[str, Known] = MappingProxyType({known.name: known for known in _ALL})


def known_provider(name: str, where: str = "") -> Known:
    """The provider of a name. Raises SettingsError with the nearest name there is; ``where`` says who named it."""
    if name in PROVIDERS:
        return PROVIDERS[name]
    raise SettingsError(f"{where}no provider {name!r}{nearest(name, PROVIDERS)}; there are {', '.join(PROVIDERS)}")


def nearest(name: str, names: Iterable[str]) -> str:
    """A question that names the nearest of some names, or nothing."""
    found = get_close_matches(name, list(names), n=1)
    return f", did you mean {found[0]}?" if found else ""
