"""The providers that gateways of these tests call, and one hub and gateway that they share."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from scalix.demo.providers.process import FakeProviders, fake_providers
from scalix.folder import Folder
from tests.collector.conftest import provider
from tests.gateway.faulty import FaultyProvider
from tests.gateway.running import PRICE, Gateway, deployment, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.collector.fake_provider import FakeProvider

__all__ = ["provider"]
DEAR = {name: 9 * price for name, price in PRICE.items()}
FAULTS = ("limited", "reset", "nojson", "err200", "endless-body", "err500", "hang")
BROKEN_STREAMS = ("late-cut", "cut", "garbage", "reset", "nojson", "err200")
LONGEST_CALL_S = 20
LEAKS = (400, 401, 404, 429, 500, 503)
_OPEN = ExitStack()
"""What is shared here and ends with the last of these tests: to the end of the session it would keep a core busy."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all of these, so that one gateway is started."""
    for item in items:
        if "tests/gateway" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("gateway"))
            item.add_marker(pytest.mark.timeout(480))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or "tests/gateway" not in str(nextitem.path):
        _OPEN.close()


@pytest.fixture(scope="session")
def faulty() -> Iterator[FaultyProvider]:
    fake = FaultyProvider()
    yield fake
    fake.close()


@pytest.fixture(scope="session")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeProviders]:
    """A process with the Engine and the Gateway of Scalix Pro."""
    with fake_providers(tmp_path_factory.mktemp("providers")) as running_:
        yield running_


@pytest.fixture(scope="session")
def gateway(
    tmp_path_factory: pytest.TempPathFactory,
    provider: FakeProvider,
    faulty: FaultyProvider,
    providers: FakeProviders,
) -> Gateway:
    """A hub and two workers, which share nothing but the folder."""
    folder = Folder(tmp_path_factory.mktemp("gateway"))
    quick = {"timeout": 2}
    config = {
        "model_list": [
            deployment("chat", provider.at("ok"), **PRICE),
            deployment("failing", provider.at("err500"), **PRICE),
            deployment("unpriced", provider.at("ok")),
            deployment("free", provider.at("ok"), input_cost_per_token=0, output_cost_per_token=0),
            deployment("pair", provider.at("dear"), **DEAR),
            deployment("pair", provider.at("cheap"), **PRICE),
            deployment("falling", provider.at("err500"), **PRICE),
            deployment("tumbling", provider.at("err500"), **PRICE),
            deployment("dear", provider.at("dear"), **DEAR),
            deployment("cached", provider.at("ok"), cache={"use-cache": True}, **PRICE),
            deployment("endless", provider.at("endless"), **PRICE),
            deployment("claude", provider.at("ok").removesuffix("/v1"), model="anthropic/claude-house", **PRICE),
            *(deployment(fault, faulty.at(fault), **PRICE, **quick) for fault in FAULTS),
            *(deployment(f"stream-{fault}", faulty.at(fault), **PRICE, **quick) for fault in BROKEN_STREAMS),
            *(deployment(f"leak{status}", faulty.at(f"leak{status}"), **PRICE) for status in LEAKS),
            {
                "model_name": "pro",
                "model_info": {"id": "dep-pro"},
                "litellm_params": {"model": "scalix-pro/gemini-2.5-flash", "allowed_openai_params": ["thinking"]},
            },
        ],
        "litellm_settings": {
            "num_retries": 0,
            "fallbacks": [{"falling": ["dear"]}, {"tumbling": ["dear", "chat"]}],
            "cache": True,
            "cache_params": {
                "type": "disk",
                "disk_cache_dir": str(folder.root / "cache"),
                "mode": "default_off",
            },
        },
    }
    variables = {
        "SCALIX_GATEWAY_LONGEST_CALL_S": str(LONGEST_CALL_S),
        "SCALIX_PRO_API_KEY": "scalix_secret_of_scalix_pro",
        "SCALIX_PRO_ENGINE_URL": providers.api_base("engine-app"),
        "SCALIX_PRO_GATEWAY_URL": providers.api_base("gateway-app"),
    }
    return _OPEN.enter_context(running(folder, config, "--workers", "2", variables=variables))
