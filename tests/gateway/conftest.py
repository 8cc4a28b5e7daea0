"""The provider that gateways of these tests call, and one gateway that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scalix.folder import Folder
from tests.collector.conftest import provider
from tests.gateway.running import PRICE, Gateway, deployment, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.collector.fake_provider import FakeProvider

__all__ = ["provider"]
DEAR = {name: 9 * price for name, price in PRICE.items()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all of these, so that one gateway is started."""
    for item in items:
        if "tests/gateway" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("gateway"))
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, provider: FakeProvider) -> Iterator[Gateway]:
    """Two workers that share nothing but the control store."""
    folder = Folder(tmp_path_factory.mktemp("gateway"))
    config = {
        "model_list": [
            deployment("chat", provider.at("ok"), **PRICE),
            deployment("failing", provider.at("err500"), **PRICE),
            deployment("unpriced", provider.at("ok")),
            deployment("free", provider.at("ok"), input_cost_per_token=0, output_cost_per_token=0),
            deployment("pair", provider.at("dear"), **DEAR),
            deployment("pair", provider.at("cheap"), **PRICE),
            deployment("falling", provider.at("err500"), **PRICE),
            deployment("dear", provider.at("dear"), **DEAR),
            deployment("endless", provider.at("endless"), **PRICE),
            deployment("claude", provider.at("ok").removesuffix("/v1"), model="anthropic/claude-house", **PRICE),
        ],
        "litellm_settings": {"num_retries": 0, "fallbacks": [{"falling": ["dear"]}]},
    }
    with running(folder, config, "--workers", "2") as found:
        yield found
