"""Who is to answer everything in legacy mode: a name that some deployment can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.pricing.litellm_providers import installed_providers
from routing.catalogue.known import PROVIDERS, nearest
from scalix import snapshot
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def legacy_provider(name: str, published: Path) -> str:
    """LiteLLM's name of the provider. Raises SettingsError for one that neither the record nor LiteLLM knows.

    Where LiteLLM is not installed, nobody can tell, and a name is taken as it is.
    """
    known, listed = _recorded(published), installed_providers()
    if name in known | listed:
        return name
    if name in PROVIDERS:
        return PROVIDERS[name].litellm
    if not listed:
        return name
    some = sorted(known | {one.litellm for one in PROVIDERS.values()})
    raise SettingsError(
        f"no provider {name!r}{nearest(name, known | listed)}; it is named as LiteLLM names it, such as "
        + ", ".join(some)
    )


def _recorded(published: Path) -> set[str]:
    """Those whose deployments the hub has statistics of, yours that LiteLLM does not list among them."""
    found = snapshot.read(published)
    return {one.provider for one in found.deployments.values() if one.provider} if found else set()
