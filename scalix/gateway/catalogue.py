"""The models that can be called here, as LiteLLM's Router has them: prices, names, and keys that must not get out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routing.facts import deployment_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PRICES = frozenset(["input_cost_per_token", "output_cost_per_token", "cache_creation_input_token_cost"])
_SECRETS = frozenset(["api_key", "aws_secret_access_key", "aws_session_token", "vertex_credentials", "azure_ad_token"])
_FALLBACKS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
SHORTEST_SECRET = 8


class Catalogue:
    """Over the Router, which exists once LiteLLM has started, and LiteLLM's price map."""

    def __init__(self, router: Callable[[], Any], price_map: Mapping[str, Mapping[str, Any]]) -> None:
        self._router = router
        self._price_map = price_map

    @property
    def ready(self) -> bool:
        """Whether there is a Router yet."""
        return self._router() is not None

    def names(self) -> list[str]:
        """The model groups, in order."""
        router = self._router()
        return sorted(set(router.get_model_names())) if router else []

    def deployments(self, group: str | None = None) -> list[dict[str, Any]]:
        """Deployments of a group or of all, as LiteLLM keeps them, their keys among it."""
        router = self._router()
        return list(router.get_model_list(model_name=group) or []) if router else []

    def prices(self, group: str) -> dict[str, dict[str, Any]]:
        """Price entries of every deployment that a call to this group may reach, fallbacks among them, by their id."""
        found: dict[str, dict[str, Any]] = {}
        for name in self._reachable(group):
            for deployment in self.deployments(name):
                found[deployment_id(deployment)] = self._price(deployment)
        return found if self.deployments(group) else {}

    def secrets(self) -> tuple[str, ...]:
        """Keys of providers, to be struck out of whatever leaves the gateway."""
        params = [deployment.get("litellm_params") or {} for deployment in self.deployments()]
        values = (str(one[name]) for one in params for name in _SECRETS if one.get(name))
        return tuple({value for value in values if len(value) >= SHORTEST_SECRET})

    def _price(self, deployment: Mapping[str, Any]) -> dict[str, Any]:
        """A deployment's own prices before LiteLLM's."""
        params, info = deployment["litellm_params"], deployment.get("model_info") or {}
        name = str(params.get("model") or "")
        listed = self._price_map.get(name) or self._price_map.get(name.partition("/")[2]) or {}
        based = self._price_map.get(str(info.get("base_model") or params.get("base_model") or "")) or {}
        own = {part: given for part in _PRICES for one in (info, params) if (given := one.get(part)) is not None}
        return {**listed, **based, **own}

    def _reachable(self, group: str) -> list[str]:
        """The group and all that its calls may fall back to, over any number of steps."""
        reached = [group]
        for name in reached:
            reached += [more for more in self._fallbacks(name) if more not in reached]
        return reached

    def _fallbacks(self, group: str) -> Iterator[str]:
        router = self._router()
        for kind in _FALLBACKS:
            for rule in getattr(router, kind, None) or []:
                for name, others in rule.items() if isinstance(rule, dict) else ():
                    if name in {group, "*"}:
                        yield from (str(one.get("model") if isinstance(one, dict) else one) for one in others)
