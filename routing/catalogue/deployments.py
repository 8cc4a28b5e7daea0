"""The catalogue as a LiteLLM Router's model list: every model under its name, the groups, and ``auto``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scalix.errors import NotConfiguredError

from ..limits import provider_of
from .catalogue import AUTO, nobody

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .catalogue import Catalogue, Configured

THINKING = ["thinking", "reasoning_effort"]
"""Fields that LiteLLM would refuse for a custom provider."""


def model_list(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One group for each model, named ``provider/model``; one for each group; and ``auto``.

    ``auto`` holds the first model of every configured provider. Raises NotConfiguredError when there is no model.
    """
    everything = {name: (name,) for name in _names(catalogue)} | dict(catalogue.groups)
    auto = tuple(f"{one.name}/{one.models[0]}" for one in catalogue.providers.values() if one.models)
    if not auto:
        raise NotConfiguredError(_without_models(catalogue))
    return [_deployment(catalogue, group, member) for group, member in _pairs(everything | {AUTO: auto})]


def legacy_list(catalogue: Catalogue) -> list[dict[str, Any]]:
    """For legacy mode: the same names, each answered by the one provider, groups and ``auto`` by its first model."""
    one = catalogue.legacy()
    if not one.models:
        raise NotConfiguredError(f"{catalogue.path}: legacy mode needs a model of {one.name}; name one in models")
    first = f"{one.name}/{one.models[0]}"
    named = {f"{one.name}/{model}": f"{one.name}/{model}" for model in one.models}
    groups = {
        group: next((member for member in members if member.startswith(f"{one.name}/")), first)
        for group, members in {**catalogue.groups, AUTO: (first,)}.items()
    }
    return [_deployment(catalogue, group, member) for group, member in (named | groups).items()]


def first_of_each(deployments: Sequence[Mapping[str, Any]], provider: str | None) -> list[Mapping[str, Any]]:
    """Of an application's own model list, for legacy mode: one deployment a group, the provider's where it has one.

    ``provider`` is LiteLLM's name; None takes the first deployment of each group.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for one in deployments:
        group = one["model_name"]
        if group not in chosen or (_is_of(one, provider) and not _is_of(chosen[group], provider)):
            chosen[group] = one
    return list(chosen.values())


def _is_of(deployment: Mapping[str, Any], provider: str | None) -> bool:
    return provider is not None and provider_of(deployment) == provider


def _names(catalogue: Catalogue) -> Iterator[str]:
    for one in catalogue.providers.values():
        yield from (f"{one.name}/{model}" for model in one.models)
    for members in catalogue.groups.values():
        yield from members


def _pairs(groups: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for group, members in groups.items():
        yield from ((group, member) for member in members)


def _deployment(catalogue: Catalogue, group: str, member: str) -> dict[str, Any]:
    provider, _, model = member.partition("/")
    name = member if group == member else f"{group}:{member}"
    return {
        "model_name": group,
        "litellm_params": litellm_params(catalogue.provider(provider), model),
        "model_info": {"id": name},
    }


def litellm_params(one: Configured, model: str) -> dict[str, Any]:
    """What LiteLLM needs to call a model of a provider."""
    params: dict[str, Any] = {"model": f"{one.known.litellm}/{model}"}
    if one.api_key:
        params["api_key"] = one.api_key
    elif not one.known.needs_key:
        params["api_key"] = "none"  # LiteLLM insists on one where the server asks for none
    if one.api_base:
        params["api_base"] = one.api_base
    if one.table.api_version:
        params["api_version"] = one.table.api_version
    if one.name == "scalix-pro":
        params["allowed_openai_params"] = THINKING
    return params


def _without_models(catalogue: Catalogue) -> str:
    if not catalogue.providers:
        return nobody(catalogue.path)
    return f'{catalogue.path}: name the models of {", ".join(catalogue.providers)}, as models = ["…"]'
