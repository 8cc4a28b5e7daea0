"""Which providers are configured, from ``providers.toml`` and the environment, and what is missing where one is not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scalix.errors import NotConfiguredError, SettingsError

from .file import FROM_ENVIRONMENT, CacheTable, File, ProviderTable, read
from .known import PROVIDERS, Known, known_provider, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AUTO = "auto"


@dataclass(frozen=True)
class Configured:
    """A provider that can be called."""

    known: Known
    table: ProviderTable = field(repr=False)
    api_key: str | None = field(repr=False)
    api_base: str | None
    models: tuple[str, ...]
    """By the provider's own names; empty where none is named and none can be assumed."""

    @property
    def name(self) -> str:
        """Our name for it."""
        return self.known.name


@dataclass(frozen=True)
class Catalogue:
    """What can be called. Keys are not part of how it prints."""

    path: Path
    providers: Mapping[str, Configured]
    """In order of preference: as the file has them, then as the catalogue knows them."""
    groups: Mapping[str, tuple[str, ...]]
    cache: CacheTable | None = None
    legacy_provider: str | None = None

    def provider(self, name: str) -> Configured:
        """A configured provider. Raises SettingsError for an unknown name, NotConfiguredError saying what to set."""
        known = known_provider(name)
        if name not in self.providers:
            raise NotConfiguredError(f"{name} is not configured; {_what_to_set(known, self.path)}")
        return self.providers[name]

    def hint(self, name: str) -> str | None:
        """What to do about a model that no Router made of this catalogue knows; None when it is known."""
        provider, slash, model = name.partition("/")
        if name in self.groups or name == AUTO:
            return None
        if not slash:
            return f"no model or group is called {name!r}; a model is written provider/model, groups are in {self.path}"
        try:
            models = self.provider(provider).models
        except SettingsError as error:
            return str(error)
        if model in models or name in {member for members in self.groups.values() for member in members}:
            return None
        return f"{provider} is configured without {model}; add it to its models in {self.path}"

    def legacy(self) -> Configured:
        """The one provider of legacy mode. Raises NotConfiguredError when there is none."""
        if self.legacy_provider:
            return self.provider(self.legacy_provider)
        if not self.providers:
            raise NotConfiguredError(nobody(self.path))
        return next(iter(self.providers.values()))


def load(path: Path, environment: Mapping[str, str] | None = None) -> Catalogue:
    """The catalogue of a file, which need not exist, and the environment.

    A provider is configured when the file has a table for it, or the variables that it needs are set. Raises
    SettingsError naming file, provider and field, NotConfiguredError when the file names a provider that lacks its key
    or address.
    """
    env = os.environ if environment is None else environment
    file = read(path)
    for name in file.providers:
        known_provider(name, f"{path}: ")
    order = [*file.providers, *(name for name in PROVIDERS if name not in file.providers)]
    found = {name: _configured(PROVIDERS[name], file, path, env) for name in order}
    catalogue = Catalogue(
        path,
        {name: one for name, one in found.items() if one is not None},
        {name: tuple(members) for name, members in file.groups.items()},
        file.cache,
        file.legacy_provider,
    )
    _check_groups(catalogue)
    return catalogue


def nobody(path: Path) -> str:
    """What to say when no provider at all is configured."""
    variables = ", ".join(known.keys[0] for known in PROVIDERS.values() if known.keys)
    return f"no provider is configured; set one of {variables}, or write {path}"


def _configured(known: Known, file: File, path: Path, env: Mapping[str, str]) -> Configured | None:
    named = known.name in file.providers
    table = file.providers.get(known.name, ProviderTable())
    key = _key(known, table, path, env)
    base = table.api_base or _first(known.bases, env)
    lacks = (known.needs_key and not key) or (known.needs_base and not base)
    if not named and (lacks or not (key or base)):
        return None
    if lacks:
        raise NotConfiguredError(f"{known.name} lacks its key or address; {_what_to_set(known, path)}")
    models = tuple(table.models) or ((known.default_model,) if known.default_model else ())
    return Configured(known, table, key, base or known.default_base, models)


def _key(known: Known, table: ProviderTable, path: Path, env: Mapping[str, str]) -> str | None:
    if table.api_key and table.api_key.startswith(FROM_ENVIRONMENT):
        variable = table.api_key.removeprefix(FROM_ENVIRONMENT)
        if not env.get(variable):
            raise NotConfiguredError(f"{path}: {known.name} takes its key from {variable}, which is not set")
        return env[variable]
    return table.api_key or _first(known.keys, env)


def _first(variables: tuple[str, ...], env: Mapping[str, str]) -> str | None:
    return next((env[name] for name in variables if env.get(name)), None)


def _what_to_set(known: Known, path: Path) -> str:
    wanted = [*known.keys[:1], *(known.bases[:1] if known.needs_base or not known.needs_key else ())]
    return f"set {' and '.join(wanted)}, or add [providers.{known.name}] to {path}"


def _check_groups(catalogue: Catalogue) -> None:
    for group, members in catalogue.groups.items():
        if group == AUTO or not members:
            raise SettingsError(f"{catalogue.path}: group {group!r} needs members, and a name other than {AUTO!r}")
        for member in members:
            _check_member(catalogue, f"{catalogue.path}: group {group}: {member!r}", member)


def _check_member(catalogue: Catalogue, where: str, member: str) -> None:
    """Where the file names no models of a provider, its members in groups name them."""
    provider, slash, model = member.partition("/")
    if not slash or not model:
        raise SettingsError(f"{where} is not written provider/model")
    listed = catalogue.provider(provider).table.models
    if listed and model not in listed:
        raise SettingsError(
            f"{where} is none of the models of {provider}{nearest(model, listed)}; "
            f"there are {', '.join(listed)}: name one of them, or add it to [providers.{provider}]"
        )
